import { readdir, readFile } from 'node:fs/promises'

/**
 * Returns whether all processes of a group that still exists are zombies: ended, and not waited for by their parent. As the
 * first process of a container, Node.js is the parent of all orphans and waits for none.
 *
 * @returns false where the system has no `/proc`
 */
export async function hasEnded(group: number): Promise<boolean> {
  const names = await readdir('/proc').catch(() => [])
  for (const name of names) if (/^\d+$/.test(name) && (await runsIn(group, name))) return false
  return names.length > 0
}

async function runsIn(group: number, pid: string): Promise<boolean> {
  // The fields after the name, which may contain anything: state, parent, group (proc(5)).
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  const [state = '', , itsGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(itsGroup) === group && state !== 'Z' && state !== 'X'
}
