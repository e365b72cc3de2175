import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

export interface User {
  name: string
  title: string
}

const hash = promisify<string, Buffer, number, Buffer>(scrypt)
const salt = randomBytes(16)

// In place of a database.
const users = new Map([
  ['ann', { title: 'Ann', hash: await hash('open-sesame', salt, 32) }],
  ['bob', { title: 'Bob <b>the builder</b>', hash: await hash('can-we-fix-it', salt, 32) }],
])
const nobody = { title: '', hash: randomBytes(32) }

/** Takes the same time whether or not there is a user of that name. */
export async function findUser(name: string, password: string): Promise<User | undefined> {
  const user = users.get(name) ?? nobody
  const isRight = timingSafeEqual(await hash(password, salt, 32), user.hash)
  return isRight ? { name, title: user.title } : undefined
}
