export { exerciseMigrations, type MigrationExample } from './exercise-migrations.ts';
export { openTestPostgres, type TestPostgres } from './test-postgres.ts';
