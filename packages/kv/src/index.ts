export type * from './contract.ts'
export { asUnixMs } from './time.ts'
