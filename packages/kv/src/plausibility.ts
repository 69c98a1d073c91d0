import type { UnixMs } from './time.ts'

/**
 * How far ahead of our own clock a time is believed (ring spec 13.2). What is dated later loses against anything that is
 * not, even older, so that one wrong clock cannot make an entry last until its time has come; nothing is ever rewritten.
 */
export const MAX_CLOCK_SKEW_MS = 3_600_000

/** Whether a time is no further ahead than clocks go wrong. Exactly at the limit it is believed. */
export const isPlausible = (timestampMs: number, wallNow: UnixMs): boolean => timestampMs <= wallNow + MAX_CLOCK_SKEW_MS
