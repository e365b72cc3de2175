import { Turns } from './turns.ts'

/** A part of a test transaction that runs one thing at a time: the whole, or a transaction of the application in it. */
export class Scope {
  readonly turns: Turns = new Turns()
  readonly parent: Scope | undefined
  /** The name of its savepoint. */
  readonly name: string
  isOver = false

  constructor(name: string, parent?: Scope) {
    this.name = name
    this.parent = parent
  }

  /** Whether it is this scope or lies in it. */
  isIn(other: Scope): boolean {
    return this === other || (this.parent?.isIn(other) ?? false)
  }

  /** The innermost that isn't over. */
  get open(): Scope {
    return this.isOver && this.parent !== undefined ? this.parent.open : this
  }
}
