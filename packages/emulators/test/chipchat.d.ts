/** The parts of the SDK that the tests use; it ships no types. */
declare module 'chipchat' {
  type Row = { id: string } & Record<string, any>;
  interface Resource {
    list(query?: object): Promise<Row[] & { headers?: Record<string, string> }>;
    get(id: string, query?: object): Promise<Row>;
    create(body: object): Promise<Row>;
    update(id: string, body: object): Promise<Row>;
    delete(id: string): Promise<unknown>;
  }
  interface Context extends Row {
    say(message: unknown, extra?: object): Promise<any>;
    accept(): Promise<Row>;
    join(): Promise<Row>;
    leave(): Promise<Row>;
    assign(users?: string | string[]): Promise<Row>;
    notify(channels?: string | string[], organizations?: string | string[]): Promise<Row>;
    set(key: string, value?: unknown): Promise<Row>;
    get(key: string): unknown;
    ask(question: unknown, answered: ((message: Row, context: Context) => void) | string): void;
    ask(question: unknown): Promise<Row>;
  }
  type Handler = (message: Row, context: Context) => unknown;
  export default class ChipChat {
    [resource: string]: Resource | any;
    constructor(options: object);
    auth: Record<string, string>;
    on(event: string | string[], handler: Handler): this;
    on(event: string | string[], conditions: object, handler: Handler): this;
    onText(trigger: string | RegExp, handler: Handler): this;
    registerCallback(name: string, callback: Handler): void;
    conversation(id: string): Promise<Context>;
    send(conversation: string, message: unknown, extra?: object): Promise<any>;
    start(port: number): this;
    httpMiddleware(): import('node:http').RequestListener;
    close(): void;
  }
}
