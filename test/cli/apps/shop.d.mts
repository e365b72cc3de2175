import type { Server } from 'tribind'

export const server: Server
