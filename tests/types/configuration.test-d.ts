// The configuration as it is given, and as it is in force.

import { expectAssignable, expectError, expectType } from 'tsd';
import standard, { Terminal } from '@vetty/terminal';
import type { CommandConfig, Explanation, Lint, PolicyFile, ResolvedConfig, Rule, SignalName, TerminalConfig, Types } from '@vetty/terminal';

expectType<typeof Terminal>(standard);
expectType<Terminal>(new Terminal({}));
expectError(new Terminal());
expectError(new Terminal({ command: {} }));
expectError(new Terminal({ commands: { allow: 'git *' } }));
expectError(new Terminal({ commands: { killSignal: 'TERM' } }));
expectError(new Terminal({ commands: { strictArgs: 'quoted' } }));
expectError(new Terminal({ timeout: '5s' }));

expectAssignable<TerminalConfig>({ commands: { allow: ['git *'], default: 'deny' }, output: { marker: false, retain: { time: 0 } } });
expectAssignable<TerminalConfig>({ timeout: undefined, commands: undefined, env: { set: { A: '1' } } });
expectAssignable<TerminalConfig>({ paths: ['/srv', { path: '/srv', access: 'write' }] } as const);

expectType<void>(Terminal.initialize());
expectType<void>(Terminal.initialize({ timeout: 5 }));
expectType<void>(Terminal.setConfig({ timeout: 5 }));
expectType<void>(Terminal.lock());
expectType<boolean>(Terminal.locked);
expectError((Terminal.locked = true));
expectError(Terminal.setConfig());

// What is in force has every key, and goes in again.
const config = Terminal.getConfig();
expectType<ResolvedConfig>(config);
expectAssignable<TerminalConfig>(config as Omit<typeof config, 'uid' | 'gid'>);
expectType<number>(config.timeout);
expectType<number | null>(config.uid);
expectType<SignalName>(config.commands.killSignal);
expectType<readonly string[]>(config.commands.searchPath);
expectType<string | false>(config.output.marker);
expectType<number>(config.output.retain.bytes);
expectType<Readonly<Record<string, string>>>(config.env.set);
expectError((config.timeout = 5));
expectError(config.commands.allow.push('rm *'));

expectType<readonly Lint[]>(Terminal.lint());

// The reference system's namespace.
expectType<CommandConfig>({} as Types.CommandConfig);
expectType<TerminalConfig>({} as Types.TerminalConfig);

expectAssignable<TerminalConfig>({
  profile: 'agent',
  commands: { allow: ['git *', { program: 'rm', flags: { allow: ['-r'] }, args: ['path:write...'] }], deny: [{ program: 'git', reason: 'no' }] },
  sandbox: { level: 'confine', read: ['/data'], presets: ['rust'], network: { connect: [443] }, unixSockets: ['/run'], allowDegraded: ['landlock-scope'] },
  limits: { memory: 1 << 30, processes: 100, cpuTime: 60_000, openFiles: 256, fileSize: 1 << 30 },
});
expectAssignable<Rule>({ program: 'git', subcommand: 'push', flags: { deny: ['--force'] } } as const);
expectError(new Terminal({ profile: 'other' }));
expectError(new Terminal({ commands: { deny: [{ subcommand: 'push' }] } }));
expectAssignable<TerminalConfig>({ sandbox: { network: 'open', unixSockets: true, metadata: 'deny' } });
expectError<TerminalConfig>({ sandbox: { level: 'strict' } });
expectError<TerminalConfig>({ sandbox: { network: 'lan' } });
expectType<boolean>(Terminal.support().levels.confine.available);

expectType<Promise<Terminal>>(Terminal.load('policy.toml'));
expectType<Promise<Terminal>>(Terminal.load(new URL('file:///policy.json'), { onApproval: () => 'allow-rule', approvalTimeout: 1 }));
expectError(Terminal.load({ version: 1 }));
expectError(Terminal.load('policy.toml', { onApproval: () => 'yes' }));
expectType<Explanation>(new Terminal({}).explain(['git', 'log'], { cwd: '/' }));
expectType<'allow' | 'ask' | 'deny'>(Terminal.explain('git log').rules[0].effect);
expectAssignable<PolicyFile>({ version: 1, include: ['base.json'], tests: { ask: ['git push'] }, commands: { ask: ['git push'] } });
expectError<PolicyFile>({ commands: {} });
