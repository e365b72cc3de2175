// A child process that answers questions, one at a time; see answer-parent.mjs for its side.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createNodeCommand } from './cores.mjs'

const running = new Set()

export class Worker {
  #name
  #child
  #settle
  #gone

  /** Starts `file`, of this folder or a URL, with `args`, on `core` unless it is `undefined`; `flags` are those of Node.js. */
  constructor(name, file, args, core, flags = []) {
    const program = fileURLToPath(new URL(file, import.meta.url))
    const [command, ...rest] = createNodeCommand(core, [...flags, program, ...args])
    this.#name = name
    this.#child = spawn(command, rest, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      // Records of the start would stand between the tables.
      env: { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'warn' },
    })
    running.add(this)
    this.#child.on('message', (answer) => this.#settle?.(answer))
    this.#child.on('error', (error) => this.#lose(error.message))
    this.#child.on('exit', (code, signal) => this.#lose(`it ended with ${signal ?? `code ${code}`}`))
  }

  /** Asks one question and gives its answer; rejects when the process fails, ends or takes longer than `timeoutMs`. */
  ask(question, details = {}, timeoutMs = 10_000) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle({ error: `no answer in ${timeoutMs} ms` }), timeoutMs)
      this.#settle = ({ value, error }) => {
        clearTimeout(timer)
        this.#settle = undefined
        if (error === undefined) resolve(value)
        else reject(new Error(`${this.#name}: ${question}: ${error}`))
      }
      if (this.#gone) this.#settle({ error: this.#gone })
      else this.#child.send({ question, details })
    })
  }

  stop() {
    running.delete(this)
    this.#child.kill('SIGKILL')
  }

  #lose(reason) {
    running.delete(this)
    this.#gone = reason
    this.#settle?.({ error: reason })
  }
}

export function stopWorkers() {
  for (const worker of running) worker.stop()
}
