// What the measurements share. Each runs in a process of its own and prints one line of JSON.

import { readFileSync } from 'node:fs';

export const now = () => Number(process.hrtime.bigint()) / 1e6;

export function median(values) {
  const sorted = Float64Array.from(values).sort();
  return sorted[sorted.length >> 1];
}

/** Memory that was touched, in MB. */
export function ballast(megabytes) {
  return Array.from({ length: Math.ceil(megabytes / 64) }, () => Buffer.alloc(64 << 20, 1));
}

/** Seconds of this process's own processor time. */
export function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Resident memory in MB: now, and at its highest. */
export function memory() {
  const status = readFileSync('/proc/self/status', 'utf8');
  const field = (name) => Number(status.match(new RegExp(`${name}:\\s+(\\d+)`))[1]) / 1024;
  return { now: field('VmRSS'), highest: field('VmHWM') };
}

export const adapter = () => import(`./adapters/${process.argv[2]}.mjs`);
export const numbers = () => process.argv.slice(3).map(Number);

export function report(facts) {
  console.log(JSON.stringify(facts));
  process.exit(0);
}
