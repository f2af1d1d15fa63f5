/** A span of OpenTelemetry. */
export interface SpanLike {
  /** Sets an attribute. */
  setAttribute(key: string, value: string | number): unknown
  /** Sets the status; 2 is an error. */
  setStatus(status: { code: number }): unknown
  /** Ends the span. */
  end(): void
}

/** The method of an OpenTelemetry tracer that is called here: pass `trace.getTracer('awscurrent')` of `@opentelemetry/api`. */
export interface TracerLike {
  /** Starts a span as a child of the caller's, and makes it the active one of what `run` does. */
  startActiveSpan<T>(name: string, run: (span: SpanLike) => T): T
}
