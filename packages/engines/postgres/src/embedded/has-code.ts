/** Whether a system call failed with this code, e.g. `ENOENT`. */
export function hasCode(fault: unknown, code: string): boolean {
  return fault instanceof Error && 'code' in fault && fault.code === code;
}
