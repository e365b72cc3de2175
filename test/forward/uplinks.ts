import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createInterface, type Interface as Lines } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Order, Outcome } from './namespace-client.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The address that is in the networks of both providers; each answers there with its name and the address that it sees. */
export const target = { 4: '198.51.100.1', 6: '2001:db8:ffff::1' }

const providers = {
  A: { link: 'eth0', four: '192.168.1', six: '2001:db8:a' },
  B: { link: 'eth1', four: '10.20.0', six: '2001:db8:b' },
} as const

export type Provider = keyof typeof providers

/** Why network namespaces can't be used here; `undefined` where they can. */
export function whyNoNamespaces(): string | undefined {
  const name = `tribind-try-${process.pid}`
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' })
  if (made.error !== undefined) return 'there is no program "ip", of the package iproute2'
  if (made.status !== 0) return made.stderr.trim()
  const moved = spawnSync(
    'ip',
    ['netns', 'exec', name, 'ip', 'link', 'add', 'veth-a', 'type', 'veth', 'peer', 'name', 'veth-b'],
    { encoding: 'utf8' },
  )
  spawnSync('ip', ['netns', 'del', name])
  return moved.status === 0 ? undefined : moved.stderr.trim()
}

function run(words: string): void {
  const [program, ...rest] = words.trim().split(/\s+/) as [string, ...string[]]
  const { status, stderr } = spawnSync(program, rest, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${words}: ${stderr}`)
}

/** The commands of docs/egress.md that route by the address of the sender. */
function documentedRules(): string[] {
  const page = readFileSync(`${root}docs/egress.md`, 'utf8')
  const [, block = ''] = /```sh\n# eth0[\s\S]*?\n([\s\S]*?)```/.exec(page) ?? []
  return block.split('\n').filter((line) => line.startsWith('ip '))
}

/** A host with two uplinks, each to a provider of its own, as three network namespaces. */
export class Uplinks {
  readonly #prefix = `tribind-${process.pid}-`
  /** `ip netns exec` shows these in place of those in /etc. */
  readonly #files = `/etc/netns/${this.#prefix}host`
  readonly #children: ChildProcess[] = []
  #client: ChildProcess | undefined
  #lines: Lines | undefined

  async open(): Promise<void> {
    run(`ip netns add ${this.#prefix}host`)
    mkdirSync(this.#files, { recursive: true })
    writeFileSync(`${this.#files}/hosts`, `${target[4]} dual.test\n${target[6]} dual.test\n`)
    run(`ip -n ${this.#prefix}host link set lo up`)
    for (const name of ['A', 'B'] as const) await this.#openProvider(name)
    for (const command of documentedRules()) this.inHost(command)
    this.#client = this.#start('host', [
      '--import=tsx',
      '--conditions=source',
      `${root}test/forward/namespace-client.ts`,
      'serve',
    ])
    this.#lines = createInterface({ input: this.#client.stdout as NodeJS.ReadableStream })
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL')
    rmSync(this.#files, { recursive: true, force: true })
    for (const name of ['host', 'A', 'B']) spawnSync('ip', ['netns', 'del', this.#prefix + name])
  }

  /** Runs a command in the namespace of the host. */
  inHost(command: string): void {
    run(`ip netns exec ${this.#prefix}host ${command}`)
  }

  /** Runs a command in the namespace of a provider. */
  inProvider(name: Provider, command: string): void {
    run(`ip netns exec ${this.#prefix}${name} ${command}`)
  }

  /** Has a connection made from within the host. */
  tell(order: Order): Promise<Outcome> {
    this.#client?.stdin?.write(`${JSON.stringify(order)}\n`)
    return new Promise((resolve) => this.#lines?.once('line', (line) => resolve(JSON.parse(line) as Outcome)))
  }

  /** Gives an uplink its addresses, which it loses when it goes down. */
  address(name: Provider): void {
    const { link, four, six } = providers[name]
    this.inHost(`ip link set ${link} up`)
    this.inHost(`ip address replace ${four}.10/24 dev ${link}`)
    this.inHost(`ip address replace ${six}::10/64 dev ${link} nodad`)
  }

  async #openProvider(name: Provider): Promise<void> {
    const { link, four, six } = providers[name]
    const [host, there] = [`${this.#prefix}host`, this.#prefix + name]
    run(`ip netns add ${there}`)
    run(`ip -n ${there} link add wire type veth peer name ${link} netns ${host}`)
    for (const command of [
      'link set lo up',
      'link set wire up',
      `address add ${four}.1/24 dev wire`,
      `address add ${six}::1/64 dev wire nodad`,
      `address add ${target[4]}/32 dev lo`,
      `address add ${target[6]}/128 dev lo nodad`,
    ])
      run(`ip -n ${there} ${command}`)
    this.address(name)
    const program = `require('node:http').createServer((request, response) => response.end('${name} ' + request.socket.remoteAddress.replace('::ffff:', ''))).listen(80, '::', () => console.log('listening'))`
    const server = this.#start(name, ['-e', program])
    await new Promise((resolve) => server.stdout?.once('data', resolve))
  }

  #start(name: string, words: string[]): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', this.#prefix + name, process.execPath, ...words], {
      cwd: root,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#children.push(child)
    return child
  }
}
