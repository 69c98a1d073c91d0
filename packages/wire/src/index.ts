export type * from './drop.ts'
export * from './message.ts'
export * from './part.ts'
