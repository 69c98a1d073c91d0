#!/usr/bin/env node
import { command } from './command/program.ts'
import { exitWith, processIo } from './process-io.ts'

void exitWith('hearsay', command(process.argv.slice(2), processIo()))
