export { measureRopo, OBSERVABLE_FLOOR, type RopoFigures, type RopoMeasure, type RopoRow } from './ropo.ts';
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
export { type Definition, isAskedAtTill, type RopoQuestion, ropoDefinition } from './ropo-definition.ts';
export { type Interval, wilsonInterval } from './wilson-interval.ts';
