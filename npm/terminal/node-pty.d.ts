export * from './node-pty.cjs';
export { default } from './node-pty.cjs';
