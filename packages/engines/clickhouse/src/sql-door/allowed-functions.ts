/**
 * What a query may call: it answers from its arguments alone, always the same (but for the clock), and reaches no
 * file, network, table, dictionary, setting, user or machine. Everything else is refused, what later versions of the
 * engine bring included. In lower case, since the engine takes many names in any case; a test compares the list with
 * the engine's own names. Functions that take the name of another as text (`arrayReduce`) are not on it.
 */
const COMPARE = `equals notEquals less greater lessOrEquals greaterOrEquals and or not xor in notIn exists isNull isNotNull
  isDistinctFrom isNotDistinctFrom isZeroOrNull ifNull nullIf coalesce assumeNotNull toNullable if multiIf caseWithExpression
  caseWithExpr caseWithoutExpression greatest least between clamp isNaN isFinite isInfinite ifNotFinite`;
const ARITHMETIC = `plus minus multiply divide intDiv intDivOrZero intDivOrNull modulo mod moduloOrZero positiveModulo negate
  abs sign pow power exp exp2 exp10 log ln log2 log10 log1p sqrt cbrt floor ceil ceiling round roundBankers trunc truncate
  roundDown roundAge pi e sin cos tan asin acos atan atan2 degrees radians gcd lcm bitAnd bitOr bitXor bitNot bitShiftLeft
  bitShiftRight bitTest bitCount divideDecimal multiplyDecimal widthBucket max2 min2 avg2 divideOrNull sigmoid`;
const CONVERT = `cast _cast toString toBool toUUID toUUIDOrNull toFixedString toFloat32 toFloat64 toFloat32OrNull toFloat64OrNull
  toFloat64OrZero toDecimal32 toDecimal64 toDecimal128 toDecimal64OrNull toInt8 toInt16 toInt32 toInt64 toInt128 toInt256
  toUInt8 toUInt16 toUInt32 toUInt64 toUInt128 toUInt256 toInt32OrNull toInt64OrNull toInt64OrZero toInt32OrZero
  toUInt32OrNull toUInt64OrNull toUInt64OrZero toUInt8OrNull toDate toDateOrNull toDate32 toDateTime toDateTimeOrNull
  toDateTime64 toDateTime64OrNull toLowCardinality toTypeName parseDateTime parseDateTimeOrNull parseDateTimeBestEffort
  parseDateTimeBestEffortOrNull parseDateTime64BestEffort parseDateTime64BestEffortOrNull toDecimalString hex unhex bin
  formatReadableQuantity formatReadableDecimalSize formatReadableTimeDelta`;
const TIME = `now now64 today yesterday current_timestamp current_date toYear toQuarter toMonth toDayOfYear toDayOfMonth toDayOfWeek
  toHour toMinute toSecond toMillisecond year quarter month day dayOfMonth dayOfWeek dayOfYear hour minute second week
  toWeek toYearWeek toISOWeek toISOYear toMonday toYYYYMM toYYYYMMDD toStartOfYear toStartOfISOYear toStartOfQuarter
  toStartOfMonth toStartOfWeek toStartOfDay toStartOfHour toStartOfMinute toStartOfFiveMinutes toStartOfTenMinutes
  toStartOfFifteenMinutes toStartOfInterval toStartOfSecond toLastDayOfMonth toLastDayOfWeek toDaysInMonth timeSlot
  dateTrunc date_trunc dateDiff date_diff timestampDiff age dateName monthName addYears addQuarters addMonths addWeeks addDays addHours
  addMinutes addSeconds addMilliseconds subtractYears subtractQuarters subtractMonths subtractWeeks subtractDays
  subtractHours subtractMinutes subtractSeconds subtractMilliseconds addDate subDate addInterval subtractInterval
  toIntervalYear toIntervalQuarter toIntervalMonth toIntervalWeek toIntervalDay toIntervalHour toIntervalMinute
  toIntervalSecond toIntervalMillisecond toUnixTimestamp toUnixTimestamp64Milli toUnixTimestamp64Second
  fromUnixTimestamp fromUnixTimestamp64Milli formatDateTime makeDate makeDateTime makeDateTime64 toTimeZone timeZoneOffset
  toRelativeDayNum toRelativeWeekNum toRelativeMonthNum toMonthNumSinceEpoch date timestamp last_day`;
const TEXT = `concat concatWithSeparator concat_ws length lengthUTF8 char_length character_length empty notEmpty lower upper lowerUTF8 upperUTF8 lcase ucase
  initcap initcapUTF8 substring substr mid substringUTF8 substringIndex left right leftUTF8 rightUTF8 leftPad rightPad leftPadUTF8 rightPadUTF8 lpad rpad
  trim trimBoth trimLeft trimRight ltrim rtrim reverse reverseUTF8 repeat space position positionUTF8 positionCaseInsensitive
  positionCaseInsensitiveUTF8 locate instr startsWith endsWith startsWithUTF8 endsWithUTF8 like notLike ilike notILike match extract extractAll extractGroups
  regexpExtract replace replaceOne replaceAll replaceRegexpOne replaceRegexpAll regexpQuoteMeta splitByChar splitByString splitByWhitespace splitByNonAlpha
  alphaTokens arrayStringConcat format ascii char countSubstrings countSubstringsCaseInsensitive countMatches multiSearchAny
  hasToken hasTokenCaseInsensitive translate translateUTF8 normalizeUTF8NFC normalizeUTF8NFKC removeDiacriticsUTF8 isValidUTF8 soundex
  editDistance editDistanceUTF8 levenshteinDistance damerauLevenshteinDistance jaroSimilarity jaroWinklerSimilarity ngramDistance ngramSearch transform
  domain domainWithoutWWW topLevelDomain protocol path queryString fragment cutQueryString cutFragment cutQueryStringAndFragment
  extractURLParameter extractURLParameters extractURLParameterNames decodeURLComponent encodeURLComponent
  base64Encode base64Decode tryBase64Decode JSONHas JSONLength JSONKey JSONExtractString JSONExtractInt JSONExtractUInt
  JSONExtractFloat JSONExtractBool JSONExtractRaw JSONExtractArrayRaw isValidJSON toJSONString toStringCutToZero
  sipHash64 cityHash64 xxHash64 farmHash64 murmurHash3_64 intHash32 intHash64 MD5 SHA1 SHA256 CRC32`;
const COLLECTIONS = `array range arrayElement arrayElementOrNull arrayConcat arrayPushBack arrayPushFront arrayPopBack arrayPopFront arraySlice
  arrayReverse arraySort arrayReverseSort arrayPartialSort arrayDistinct arrayUniq arrayCompact arrayEnumerate arrayEnumerateUniq arrayEnumerateDense
  arrayMap arrayFilter arrayExists arrayAll arrayCount arraySum arrayAvg arrayMin arrayMax arrayProduct arrayFirst arrayLast arrayFirstIndex
  arrayLastIndex arrayFirstOrNull arrayLastOrNull arrayFill arrayReverseFill arraySplit arrayCumSum arrayCumSumNonNegative arrayDifference arrayFold arrayIntersect arrayUnion arrayExcept
  arrayFlatten arrayZip arrayJoin arrayWithConstant arrayResize arrayRotateLeft arrayRotateRight has hasAll hasAny hasSubstr indexOf countEqual emptyArrayString
  emptyArrayUInt64 tuple tupleElement tupleConcat untuple map mapKeys mapValues mapContains mapContainsKey mapFilter mapApply mapExists mapAll mapSort mapUpdate mapConcat
  mapFromArrays mapAdd lambda grouping`;
const AGGREGATES = `count sum avg min max any anyLast any_value first_value last_value argMin argMax min_by max_by uniq uniqExact uniqCombined uniqCombined64 uniqHLL12 uniqUpTo
  groupArray array_agg groupUniqArray groupArraySorted groupArrayLast groupConcat string_agg sumMap minMap maxMap sumMappedArrays sumWithOverflow sumKahan sumCount avgWeighted
  quantile quantiles median quantileExact quantilesExact medianExact quantileExactInclusive quantileExactExclusive quantileExactWeighted quantileTDigest quantilesTDigest quantileDeterministic
  topK topKWeighted varPop varSamp var_pop var_samp stddevPop stddevSamp stddev_pop stddev_samp covarPop covarSamp corr skewPop skewSamp kurtPop kurtSamp entropy
  simpleLinearRegression studentTTest welchTTest mannWhitneyUTest histogram retention windowFunnel sequenceMatch sequenceCount
  groupBitAnd groupBitOr groupBitXor deltaSum boundingRatio intervalLengthSum singleValueOrNull
  row_number rank dense_rank denseRank percent_rank percentRank cume_dist ntile lag lead lagInFrame leadInFrame nth_value`;

function words(text: string): readonly string[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

export const ALLOWED_FUNCTIONS: ReadonlySet<string> = new Set(
  [COMPARE, ARITHMETIC, CONVERT, TIME, TEXT, COLLECTIONS, AGGREGATES].flatMap(words),
);
const AGGREGATE_NAMES: ReadonlySet<string> = new Set(words(AGGREGATES));

/** What may follow the name of an aggregate: none of these makes or reads the inner state of one. */
const COMBINATORS = ['if', 'array', 'distinct', 'ornull', 'ordefault', 'foreach'];

/** Whether a query may call this, whatever the case it is written in: `countIf`, `COUNT`, `sumArrayIf`. */
export function isAllowedFunction(name: string): boolean {
  const lower = name.toLowerCase();
  return ALLOWED_FUNCTIONS.has(lower) || isCombined(lower, COMBINATORS.length);
}

function isCombined(name: string, left: number): boolean {
  if (AGGREGATE_NAMES.has(name)) return true;
  if (left === 0) return false;
  return COMBINATORS.some((suffix) => name.endsWith(suffix) && isCombined(name.slice(0, -suffix.length), left - 1));
}

/** The function that was probably meant: one slip of the hand away, a letter too many, too few, or another. */
export function nearestFunction(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (lower.length < 3) return undefined;
  return [...AGGREGATE_NAMES, ...ALLOWED_FUNCTIONS].find((known) => isOneSlipAway(lower, known));
}

function isOneSlipAway(text: string, known: string): boolean {
  let from = 0;
  while (from < known.length && text[from] === known[from]) from += 1;
  const rest = (word: string, skipped: number): string => word.slice(from + skipped);
  return rest(text, 1) === rest(known, 1) || rest(text, 1) === rest(known, 0) || rest(text, 0) === rest(known, 1);
}
