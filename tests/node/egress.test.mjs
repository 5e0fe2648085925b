// The worked example of the guide: a package that nobody has read is installed, its scripts run, and it reaches its
// registry and nobody else. The registry is a server of this process.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { Terminal } from '@vetty/terminal';

const workspace = mkdtempSync(join(tmpdir(), 'vetty-egress-'));
after(() => rmSync(workspace, { recursive: true, force: true }));
const { isolate } = Terminal.support().levels;
const npm = (process.env.PATH ?? '').split(':').map((directory) => join(directory, 'npm')).find(existsSync);
const skip = isolate.available ? (npm ? false : 'no npm') : `no isolate: ${isolate.missing}`;

/** A tar archive, gzipped. */
const archive = (files) => {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const content = Buffer.from(text);
    const header = Buffer.alloc(512);
    header.write(`package/${name}`);
    header.write('0000644\0', 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        0', 148);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((sum, byte) => sum + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
};

/** A server on the loopback, and the paths that it was asked for. */
const listen = async (answer) => {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    answer(request, response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  return { port: server.address().port, asked };
};

test('an unread package is installed and reaches its registry alone', { skip }, async () => {
  const secret = await listen((_, response) => response.end('a secret'));
  // What it does when it is installed: it calls home, by each way that it knows, reads keys, and changes a hook.
  const script = `
    const { execFileSync } = require('node:child_process');
    const { readFileSync, writeFileSync } = require('node:fs');
    const tried = {};
    const attempt = (name, action) => { try { action(); tried[name] = 'ok'; } catch { tried[name] = 'refused'; } };
    const url = 'http://127.0.0.1:${secret.port}/';
    const fetch = (...more) => execFileSync('curl', ['--silent', '--fail', '--max-time', '20', ...more, url]);
    attempt('by the proxy', () => fetch());
    attempt('directly', () => fetch('--noproxy', '*'));
    attempt('keys', () => readFileSync('/etc/passwd'));
    attempt('settings', () => writeFileSync(process.env.INIT_CWD + '/.npmrc', 'evil'));
    attempt('workspace', () => writeFileSync(process.env.INIT_CWD + '/written', 'fine'));
    writeFileSync(process.env.INIT_CWD + '/tried.json', JSON.stringify(tried));`;
  const manifest = { name: 'unread', version: '1.0.0', scripts: { install: 'node install.js' } };
  const tarball = archive({ 'package.json': JSON.stringify(manifest), 'install.js': script });
  const registry = await listen((request, response) => {
    if (request.url.endsWith('.tgz')) return response.end(tarball);
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    const dist = { tarball: `http://localhost:${registry.port}/unread/-/unread-1.0.0.tgz`, integrity };
    const versions = { '1.0.0': { ...manifest, hasInstallScript: true, dist } };
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify({ name: 'unread', 'dist-tags': { latest: '1.0.0' }, versions }));
  });
  writeFileSync(join(workspace, 'package.json'), '{ "name": "mine", "version": "1.0.0" }');
  writeFileSync(join(workspace, '.npmrc'), `registry=http://localhost:${registry.port}/\n`);
  // npm asks a proxy for HTTPS to fetch plain HTTP as well, which this one does not do: so by SOCKS, for a registry without TLS.
  const socks = 'socks5h://127.0.0.1:3128';
  const terminal = new Terminal({
    workspaces: [workspace],
    commands: { allow: ['npm install *'], searchPath: [...new Set([dirname(npm), dirname(process.execPath), '/usr/bin', '/bin'])] },
    env: { set: { HOME: '/tmp', npm_config_update_notifier: 'false', npm_config_fetch_retries: '0', npm_config_proxy: socks, npm_config_https_proxy: socks } },
    timeout: 300_000,
    sandbox: {
      level: 'isolate',
      execute: [dirname(dirname(process.execPath)), dirname(dirname(npm)), 'node_modules'],
      // A private address is reached only because it is listed, too.
      network: { hosts: [`localhost:${registry.port}`, `127.0.0.1:${registry.port}`] },
    },
  });
  const result = await terminal.execute('npm install unread --no-audit --no-fund');
  assert.equal(result.exitCode, 0, result.stdout + result.stderr);
  assert.ok(registry.asked.includes('/unread/-/unread-1.0.0.tgz'), registry.asked.join());
  const tried = JSON.parse(readFileSync(join(workspace, 'tried.json'), 'utf8'));
  assert.deepEqual(tried, { 'by the proxy': 'refused', directly: 'refused', keys: 'refused', settings: 'refused', workspace: 'ok' });
  assert.deepEqual(secret.asked, []);
  assert.equal(readFileSync(join(workspace, '.npmrc'), 'utf8'), `registry=http://localhost:${registry.port}/\n`);
});
