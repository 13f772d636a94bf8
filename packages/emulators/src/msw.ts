export {
  type Interception,
  type InterceptOptions,
  interceptProvider,
  type OtherHosts,
} from './msw/intercept-provider.js';
export { type ProviderHandlersOptions, web1on1Handlers } from './msw/web1on1-handlers.js';
