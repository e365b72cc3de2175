import { testProgramsBesideFiles } from './programs-beside-files.ts'

testProgramsBesideFiles('views', ['html'], 2)
