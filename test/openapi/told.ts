import type { OpenapiOptions, Server } from 'tribind'

/** A JSON Schema, as far as tests read it. */
export interface Schema {
  readonly properties: Readonly<Record<string, Schema & { readonly items: Schema }>>
  readonly required: string[]
}

interface Content {
  readonly content: Readonly<Record<string, { readonly schema: Schema }>>
}

/** An operation of a document. */
export interface Operation {
  readonly operationId: string
  readonly 'x-pattern': string
  readonly servers: readonly object[]
  readonly parameters: readonly { readonly description: string }[]
  readonly requestBody: Content & { readonly required: boolean }
  readonly responses: Readonly<Record<string, Content>>
}

export type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>

/** A document as tests read it. */
export interface Told {
  readonly paths: Paths
  readonly components: { readonly schemas: Readonly<Record<string, Schema>>; readonly securitySchemes: object }
}

/** Returns the paths of the document of a part of a server. */
export async function pathsOf(
  part: Pick<Server, 'openapiDocument'>,
  more: Partial<OpenapiOptions> = {},
): Promise<Paths> {
  const document = await part.openapiDocument({ info: { title: 'T', version: '1' }, page: false, ...more })
  return (document as unknown as Told).paths
}
