import { metadata } from '../base/metadata.ts'
import { Controller } from '../pipeline/controller.ts'

// What is known of a class is kept on its prototype: each level of a class hierarchy is read once.
const MEMBERS = 'tribind:members'

/** Whether a member is a function, by its name. */
type Members = ReadonlyMap<string, boolean>

/**
 * Returns the names of the methods that can be bound: those of the class and its base classes, up to `Controller` or
 * `Object`, and of an object its own functions too. Accessors are not read.
 *
 * Excluded are `constructor`, `init`, `shut`, names that begin with `_`, symbols and static functions.
 *
 * @param target an object, or the prototype of a class
 */
export function listMethods(target: object): string[] {
  return [...readMembers(target)].filter(([name, isCallable]) => isCallable && isBindable(name)).map(([name]) => name)
}

/** Returns whether the target has a function of that name, bindable or not, such as `init` or `shut`. */
export function hasFunction(target: object, name: string): boolean {
  return readMembers(target).get(name) === true
}

function isBindable(name: string): boolean {
  return name !== 'constructor' && name !== 'init' && name !== 'shut' && !name.startsWith('_')
}

/** Returns the members of the target and of what it inherits from. Of members with the same name, the closest counts. */
function readMembers(target: object): Map<string, boolean> {
  const members = new Map<string, boolean>()
  for (let level = target; isOwnLevel(level); level = Object.getPrototypeOf(level) as object) {
    for (const [name, isCallable] of readLevel(level)) if (!members.has(name)) members.set(name, isCallable)
  }
  return members
}

function isOwnLevel(level: object | null): level is object {
  return level !== null && level !== Object.prototype && level !== Controller.prototype && level !== Function.prototype
}

function readLevel(level: object): Members {
  // Only the members of prototypes are kept: an object's own properties may change.
  if (!Object.hasOwn(level, 'constructor')) return listFunctions(level)
  const { defineMetadata, getOwnMetadata } = metadata()
  const known = getOwnMetadata(MEMBERS, level) as Members | undefined
  const members = known ?? listFunctions(level)
  if (known === undefined) defineMetadata(MEMBERS, members, level)
  return members
}

function listFunctions(level: object): Members {
  const descriptors = Object.entries(Object.getOwnPropertyDescriptors(level))
  return new Map(descriptors.map(([name, { value }]) => [name, typeof value === 'function']))
}
