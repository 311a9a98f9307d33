/** Name, message and place of a fault, for the log and for nobody else; our errors never carry values. */
export function describeFault(fault: unknown): string {
  if (!(fault instanceof Error)) return 'unknown';
  return `${fault.name}: ${fault.message}\n${fault.stack?.split('\n').slice(1, 6).join('\n') ?? ''}`;
}
