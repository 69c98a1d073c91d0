/** Log events, one a line, in a notation that a person or a program reads. */
import type { Logger } from '@hearsay/node'
import { timestamp } from './system.ts'

/** In rising importance. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** `logfmt` is `key=value`, `json` one object a line, `pretty` for eyes. */
export type LogFormat = 'logfmt' | 'json' | 'pretty'

/** Where to write, and what. */
export interface LogOptions {
  readonly format: LogFormat
  readonly level: LogLevel
  readonly write: (line: string) => void
  /** Colours in `pretty`. Default false. */
  readonly colour?: boolean
  /** ISO 8601. Default: the system's clock. */
  readonly timestamp?: () => string
}

type Fields = Readonly<Record<string, unknown>>

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** A logger for the node and for the daemon itself. Nothing it is given can break a line or throw. */
export function createLogger(options: LogOptions): Logger {
  const now = options.timestamp ?? timestamp
  const format = formats[options.format]
  const at = (level: LogLevel) =>
    levels.indexOf(level) < levels.indexOf(options.level)
      ? () => {}
      : (message: string, fields: Fields = {}) =>
          options.write(`${format({ ts: now(), level, message, fields }, options.colour ?? false)}\n`)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

interface Event {
  readonly ts: string
  readonly level: LogLevel
  readonly message: string
  readonly fields: Fields
}

const formats: Readonly<Record<LogFormat, (event: Event, colour: boolean) => string>> = {
  logfmt: ({ ts, level, message, fields }) =>
    pairs([['ts', ts], ['level', level], ['msg', message], ...Object.entries(fields)]),
  json: ({ ts, level, message, fields }) => json({ ...fields, ts, level, msg: message }),
  pretty({ ts, level, message, fields }, colour) {
    const name = level.toUpperCase().padEnd(5)
    const rest = pairs(Object.entries(fields))
    const time = ts.slice(11, 23)
    const text = quoteControls(message)
    if (!colour) return `${time} ${name} ${text}${rest ? `  ${rest}` : ''}`
    return `\x1b[2m${time}\x1b[0m ${colours[level]}${name}\x1b[0m ${text}${rest ? `  \x1b[2m${rest}\x1b[0m` : ''}`
  },
}

const colours: Readonly<Record<LogLevel, string>> = {
  debug: '\x1b[2m',
  info: '\x1b[36m',
  warn: '\x1b[33m',
  error: '\x1b[31m',
}

const pairs = (entries: readonly (readonly [string, unknown])[]): string =>
  entries
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key.replace(/[\s="]/g, '_')}=${logfmtValue(value)}`)
    .join(' ')

/** Bare where nothing could be mistaken, else a JSON string: quotes, line ends and control characters are escaped. */
function logfmtValue(value: unknown): string {
  const text = plain(value)
  return text !== '' && /^[^\s"=\\\p{C}]+$/u.test(text) ? text : quoteControls(JSON.stringify(text))
}

function plain(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Error) return value.message
  return typeof value === 'object' && value !== null ? json(value) : String(value)
}

function json(value: unknown): string {
  try {
    return quoteControls(
      JSON.stringify(value, (_, inner: unknown) => {
        if (inner instanceof Error) return inner.message
        if (inner instanceof Uint8Array) return Buffer.from(inner).toString('base64')
        return typeof inner === 'bigint' ? String(inner) : inner
      }),
    )
  } catch {
    return '"unprintable"'
  }
}

/** What ends a line or drives a terminal, even where JSON lets it through. */
const quoteControls = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
