import { expectAssignable, expectError, expectType } from 'tsd';
import { Terminal, verifyAudit } from '@vetty/terminal';
import type { AuditConfig, AuditEvent, AuditHead, AuditReport, Exit, TerminalConfig, TerminalHandlers, Verdict } from '@vetty/terminal';

expectAssignable<TerminalConfig>({ audit: { file: 'audit.jsonl', onFull: 'refuse', redact: { values: ['x'], output: true } } });
expectAssignable<AuditConfig>({ file: null });
expectError<AuditConfig>({ onFull: 'drop' });
expectError<AuditConfig>({ redact: { names: [] } });
expectError<TerminalHandlers>({ onAudit: 'log' });

const terminal = new Terminal({}, {
  onAudit(event) {
    expectType<AuditEvent>(event);
    expectType<string | null>(event.id);
    switch (event.type) {
      case 'verdict':
        expectType<Verdict>(event.verdict);
        break;
      case 'exit':
        expectType<Exit>(event.exit);
        expectType<number>(event.bytes);
        break;
      case 'config':
        expectType<'initialize' | 'setConfig' | 'lock'>(event.change);
        break;
    }
  },
});
expectType<AuditHead | null>(terminal.auditHead());
expectType<AuditHead | null>(Terminal.auditHead());
expectType<Promise<AuditReport>>(verifyAudit('audit.jsonl'));
verifyAudit('audit.jsonl', { head: terminal.auditHead() });
expectError(verifyAudit());
expectType<string | null>(terminal.getConfig().audit.file);
