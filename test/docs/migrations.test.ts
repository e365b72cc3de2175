import { testProgramsBesideFiles } from './programs-beside-files.ts'

testProgramsBesideFiles('migrations', ['js'], 1)
