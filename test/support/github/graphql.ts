import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSchema, execute, type GraphQLSchema, parse, validate } from 'graphql';

/** What the stand-in can answer by GraphQL. */
export type GraphqlSource = {
  blob(owner: string, name: string, id: string): Promise<Buffer | null>;
  blobAt(owner: string, name: string, expression: string): Promise<{ id: string; bytes: Buffer } | null>;
  hasRepository(owner: string, name: string): Promise<boolean>;
  enableAutomerge(pullRequestId: string, method: string): Promise<number | null>;
};

/** GitHub's published GraphQL schema. */
export function loadGraphqlSchema(): GraphQLSchema {
  const file = fileURLToPath(import.meta.resolve('@octokit/graphql-schema')).replace(
    /index\.js$/,
    'schema.graphql',
  );
  return buildSchema(readFileSync(file, 'utf8'), { assumeValidSDL: true });
}

type Variables = Readonly<Record<string, unknown>>;

/** Answers the GraphQL of Pinwheel against GitHub's published schema; a document that breaks it is a fault. */
export class GitHubGraphql {
  readonly #schema: GraphQLSchema;
  readonly #source: GraphqlSource;

  constructor(schema: GraphQLSchema, source: GraphqlSource) {
    this.#schema = schema;
    this.#source = source;
  }

  async answer(
    document: string,
    variables: Variables,
  ): Promise<{ readonly faults: readonly string[]; readonly body: object }> {
    const parsed = parse(document);
    const faults = validate(this.#schema, parsed).map((error) => error.message);
    if (faults.length > 0) return { faults, body: { errors: faults.map((message) => ({ message })) } };
    const result = await execute({
      schema: this.#schema,
      document: parsed,
      variableValues: variables,
      rootValue: {
        repository: async ({ owner, name }: { owner: string; name: string }) => {
          if (!(await this.#source.hasRepository(owner, name))) {
            throw Object.assign(
              new Error(`Could not resolve to a Repository with the name '${owner}/${name}'.`),
              {
                extensions: { type: 'NOT_FOUND' },
              },
            );
          }
          return { object: (args: { oid?: string; expression?: string }) => this.#object(owner, name, args) };
        },
        enablePullRequestAutoMerge: async ({
          input,
        }: {
          input: { pullRequestId: string; mergeMethod: string };
        }) => {
          const number = await this.#source.enableAutomerge(input.pullRequestId, input.mergeMethod);
          return { pullRequest: { number } };
        },
      },
    });
    // GitHub puts an error's type beside its message.
    const errors = result.errors?.map((error) => ({
      message: error.message,
      path: error.path,
      ...(error.extensions['type'] === undefined ? {} : { type: error.extensions['type'] }),
    }));
    return { faults: [], body: errors === undefined ? { data: result.data } : { data: result.data, errors } };
  }

  async #object(
    owner: string,
    name: string,
    args: { readonly oid?: string; readonly expression?: string },
  ): Promise<object | null> {
    if (args.expression !== undefined) {
      const found = await this.#source.blobAt(owner, name, args.expression);
      return found === null ? null : blobAnswer(found.id, found.bytes);
    }
    const bytes = await this.#source.blob(owner, name, args.oid ?? '');
    return bytes === null ? null : blobAnswer(args.oid ?? '', bytes);
  }
}

function blobAnswer(oid: string, bytes: Buffer): object {
  const isBinary = bytes.includes(0);
  const isTruncated = bytes.length > 512_000;
  const text = isBinary ? null : bytes.subarray(0, 512_000).toString('utf8');
  return { __typename: 'Blob', oid, byteSize: bytes.length, isBinary, isTruncated, text };
}
