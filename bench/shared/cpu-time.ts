/** CPU microseconds of this process so far: other work on the machine does not count. */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
