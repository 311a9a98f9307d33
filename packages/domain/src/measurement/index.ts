export {
  ROPO_DIRECTIONS,
  ROPO_MATCHES,
  ROPO_WINDOWS,
  type RopoCell,
  type RopoDirection,
  type RopoMatch,
  type RopoWindow,
  type SampleTally,
  type Tally,
} from './ropo-cell.ts';
