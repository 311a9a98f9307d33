/** A position in the write-ahead log as the server writes it, `1/7F000028`. Throws for other text. */
export function parseLogPosition(text: string): bigint {
  const match = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text);
  if (match === null) throw new Error(`${text} is not a position of the write-ahead log`);
  return (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`);
}

/** Where the copy of a cluster begins, by its backup label: the timeline and the position. */
export function parseBackupLabel(label: string): { readonly timeline: string; readonly start: string } {
  const match = /^START WAL LOCATION: ([0-9A-F/]+) \(file ([0-9A-F]{8})[0-9A-F]{16}\)$/m.exec(label);
  const [, start, timeline] = match ?? [];
  if (start === undefined || timeline === undefined) throw new Error('PostgreSQL gave a backup label of another form');
  return { timeline, start };
}

/**
 * Names of the files that hold the write-ahead log between two positions, the end not included (PostgreSQL manual,
 * 54.1.5: timeline, then the number of the segment in two halves). `segmentBytes`: size of a file, a power of two.
 */
export function logSegments(
  timeline: string,
  span: { readonly start: string; readonly stop: string },
  segmentBytes: number,
): readonly string[] {
  const size = BigInt(segmentBytes);
  const perHalf = 0x1_0000_0000n / size;
  const hex = (value: bigint): string => value.toString(16).toUpperCase().padStart(8, '0');
  const names: string[] = [];
  const last = (parseLogPosition(span.stop) - 1n) / size;
  for (let segment = parseLogPosition(span.start) / size; segment <= last; segment += 1n) {
    names.push(`${timeline}${hex(segment / perHalf)}${hex(segment % perHalf)}`);
  }
  return names;
}
