export {
  type Interception,
  type InterceptOptions,
  interceptProvider,
  type OtherHosts,
} from './msw/intercept-provider.js';
export {
  chatIncHandlers,
  crispHandlers,
  type Emulated,
  type ProviderHandlersOptions,
  web1on1Handlers,
} from './msw/provider-handlers.js';
