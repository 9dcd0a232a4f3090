import { type Static, Type } from 'typebox';

/** One field that is wrong: an RFC 6901 pointer as a URI fragment, and what is wrong there. */
export const FieldProblem = Type.Object(
  {
    pointer: Type.String({ examples: ['#/options/width'] }),
    detail: Type.String(),
  },
  { additionalProperties: false },
);

/** The body of every error: RFC 9457, `application/problem+json`. */
export const Problem = Type.Object({
  type: Type.String({ description: 'The page that explains this kind of error.', examples: ['/problems/not-found'] }),
  title: Type.String(),
  status: Type.Integer({ minimum: 400, maximum: 599 }),
  detail: Type.String({ description: 'What is wrong with this request, in a sentence for people.' }),
  instance: Type.String({ description: 'The path of the request.' }),
  traceId: Type.String({ description: 'Under this id the request is in the log.' }),
  errors: Type.Optional(Type.Array(FieldProblem)),
});

export type FieldProblem = Static<typeof FieldProblem>;
export type Problem = Static<typeof Problem>;

/** The error of a failed job: the same shape, plus whether another try may help. */
export const JobProblem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  retryable: Type.Boolean(),
});

export type JobProblem = Static<typeof JobProblem>;
