export { buildDeployment } from './config/build-deployment.ts';
export { ConfigError } from './config/config-error.ts';
export { defineConfig, type FilrougeConfig } from './config/config-schema.ts';
export { type Environment, ROLES, type Role, readEnvironment } from './config/environment.ts';
export { loadDeployment } from './config/load-config.ts';
export { type RunningServer, type StartOptions, startServer } from './start-server.ts';
