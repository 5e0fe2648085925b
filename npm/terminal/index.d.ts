export * from './index.cjs';
export { Terminal as default } from './index.cjs';
