/** The machine that figures come from, and what Linux tells of the processes on it (proc(5)). */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statfsSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';

/** proc(5) counts CPU time in ticks of a hundredth of a second. */
const msPerTick = 10;
const fileSystems: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x1021994: 'tmpfs, so syncing costs nothing',
  0x794c7630: 'overlay',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
};

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly node: string;
  /** What data folders of the benchmarks lie on. */
  readonly fileSystem: string;
  /** Processes that ran or wanted to, in the minute before. */
  readonly load: number;
};

export function describeMachine(): Machine {
  const { type } = statfsSync(tmpdir());
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: allowedCores().length,
    kernel: release(),
    node: process.version,
    fileSystem: fileSystems[type] ?? `type 0x${type.toString(16)}`,
    load: loadavg()[0] ?? 0,
  };
}

/** Cores that this process, and so what it starts, may run on. */
export function allowedCores(): readonly number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return (list ?? '0').split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** Keeps a running process, with all its threads and their later ones, on one core. */
export function pin(pid: number, core: number): void {
  const { error, status, stderr } = spawnSync(
    'taskset',
    ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)],
    { encoding: 'utf8' },
  );
  if (error !== undefined || status !== 0) {
    throw new Error(`process ${pid} cannot be kept on core ${core}: ${error ?? stderr}`);
  }
}

/** A process and those it started, and theirs. */
export function processTree(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(processTree)];
}

/** CPU time of a process and of what it started, all threads, user and kernel. */
export function cpuMs(pid: number): number {
  return processTree(pid).reduce(
    (sum, each) => sum + ticksOf(readFileSync(`/proc/${each}/stat`, 'utf8')) * msPerTick,
    0,
  );
}

/** The same by the name of each thread; threads of one name together. */
export function threadsCpuMs(pid: number): ReadonlyMap<string, number> {
  const spent = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    spent.set(name, (spent.get(name) ?? 0) + ticksOf(stat) * msPerTick);
  }
  return spent;
}

function ticksOf(stat: string): number {
  // The name in parentheses may hold spaces; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** CPU time of the whole machine so far, whoever took it. */
export function machineMs(): number {
  const [, ...fields] = (/^cpu .*$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[0] ?? '').split(
    /\s+/,
  );
  // user, nice, system, -, -, irq, softirq; the rest is idle, or counted already.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = fields.map(Number);
  return (user + nice + system + irq + softirq) * msPerTick;
}

/** CPU time of this process so far. */
export function ownMs(): number {
  const { system, user } = process.cpuUsage();
  return (system + user) / 1_000;
}

const lookMs = 250;
/** Of one core. */
const quietShareMax = 0.1;

/** Waits until others leave the machine alone, `msMax` at most; false where they do not. */
export async function untilQuiet(msMax = 20_000): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < msMax; waitedMs += lookMs) {
    const before = machineMs() - ownMs();
    await new Promise((resolve) => {
      setTimeout(resolve, lookMs);
    });
    if (machineMs() - ownMs() - before < lookMs * quietShareMax) return true;
  }
  return false;
}

/** Memory of a process and of what it started, in MB of 1,000,000 bytes; what is shared counts once. */
export function memoryMb(pid: number): number {
  const kib = processTree(pid).map((each) => {
    const rollup = readFileSync(`/proc/${each}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1]);
  });
  return (kib.reduce((sum, one) => sum + one, 0) * 1_024) / 1_000_000;
}

/** Resident memory, in MB of 1,000,000 bytes. */
export function residentMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kib) * 1_024) / 1_000_000;
}
