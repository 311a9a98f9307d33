import { pathToFileURL } from 'node:url';

/**
 * Where a configuration that cannot be run goes wrong, as `line 3, column 14`, with the name of the file where it is one
 * that the configuration imports; undefined where Node does not say. Node tells the place of a fault of syntax by a line
 * of carets before the stack, that of a fault while running in the stack.
 */
export function placeOfFault({ stack = '' }: Error, file: string): string | undefined {
  const shown = /^(.+):(\d+)\n(?:.*\n)*?( *)\^/.exec(stack);
  if (shown !== null) return placeIn(file, shown[1] ?? '', shown[2] ?? '', (shown[3] ?? '').length + 1);
  const frames = [...stack.matchAll(/^ +at .*?(file:\/\/[^\s()]+):(\d+):(\d+)\)?$/gm)];
  const [, path, line, column] = frames.find((frame) => isOwn(file, frame[1] ?? '')) ?? frames[0] ?? [];
  return path === undefined ? undefined : placeIn(file, path, line ?? '', Number(column));
}

function placeIn(file: string, path: string, line: string, column: number): string {
  const where = `line ${line}, column ${column}`;
  return isOwn(file, path) ? where : `${path}, ${where}`;
}

/** Whether a path or URL in a stack is the configuration's own. */
function isOwn(file: string, path: string): boolean {
  return path === file || path === pathToFileURL(file).href;
}
