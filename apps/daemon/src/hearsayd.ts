#!/usr/bin/env node
import { main } from './main.ts'
import { exitWith, processIo } from './process-io.ts'

void exitWith('hearsayd', main(process.argv.slice(2), processIo()))
