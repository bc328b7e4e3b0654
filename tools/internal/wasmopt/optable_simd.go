package wasmopt

// SIMD opcodes (prefix 0xFD) in the order of the specification's binary format, for addOps.

const simdMemoryOps = `
v128.load i:v
v128.load8x8_s i:v
v128.load8x8_u i:v
v128.load16x4_s i:v
v128.load16x4_u i:v
v128.load32x2_s i:v
v128.load32x2_u i:v
v128.load8_splat i:v
v128.load16_splat i:v
v128.load32_splat i:v
v128.load64_splat i:v
v128.store iv:`

const simdSplatOps = `
i8x16.swizzle vv:v
i8x16.splat i:v
i16x8.splat i:v
i32x4.splat i:v
i64x2.splat I:v
f32x4.splat f:v
f64x2.splat F:v`

const simdLaneOps = `
i8x16.extract_lane_s v:i
i8x16.extract_lane_u v:i
i8x16.replace_lane vi:v
i16x8.extract_lane_s v:i
i16x8.extract_lane_u v:i
i16x8.replace_lane vi:v
i32x4.extract_lane v:i
i32x4.replace_lane vi:v
i64x2.extract_lane v:I
i64x2.replace_lane vI:v
f32x4.extract_lane v:f
f32x4.replace_lane vf:v
f64x2.extract_lane v:F
f64x2.replace_lane vF:v`

const simdCompareOps = `
i8x16.eq vv:v
i8x16.ne vv:v
i8x16.lt_s vv:v
i8x16.lt_u vv:v
i8x16.gt_s vv:v
i8x16.gt_u vv:v
i8x16.le_s vv:v
i8x16.le_u vv:v
i8x16.ge_s vv:v
i8x16.ge_u vv:v
i16x8.eq vv:v
i16x8.ne vv:v
i16x8.lt_s vv:v
i16x8.lt_u vv:v
i16x8.gt_s vv:v
i16x8.gt_u vv:v
i16x8.le_s vv:v
i16x8.le_u vv:v
i16x8.ge_s vv:v
i16x8.ge_u vv:v
i32x4.eq vv:v
i32x4.ne vv:v
i32x4.lt_s vv:v
i32x4.lt_u vv:v
i32x4.gt_s vv:v
i32x4.gt_u vv:v
i32x4.le_s vv:v
i32x4.le_u vv:v
i32x4.ge_s vv:v
i32x4.ge_u vv:v
f32x4.eq vv:v
f32x4.ne vv:v
f32x4.lt vv:v
f32x4.gt vv:v
f32x4.le vv:v
f32x4.ge vv:v
f64x2.eq vv:v
f64x2.ne vv:v
f64x2.lt vv:v
f64x2.gt vv:v
f64x2.le vv:v
f64x2.ge vv:v
v128.not v:v
v128.and vv:v
v128.andnot vv:v
v128.or vv:v
v128.xor vv:v
v128.bitselect vvv:v
v128.any_true v:i`

const simdMemoryLaneOps = `
v128.load8_lane iv:v
v128.load16_lane iv:v
v128.load32_lane iv:v
v128.load64_lane iv:v
v128.store8_lane iv:
v128.store16_lane iv:
v128.store32_lane iv:
v128.store64_lane iv:`

const simdArithmeticOps = `
f32x4.demote_f64x2_zero v:v
f64x2.promote_low_f32x4 v:v
i8x16.abs v:v
i8x16.neg v:v
i8x16.popcnt v:v
i8x16.all_true v:i
i8x16.bitmask v:i
i8x16.narrow_i16x8_s vv:v
i8x16.narrow_i16x8_u vv:v
f32x4.ceil v:v
f32x4.floor v:v
f32x4.trunc v:v
f32x4.nearest v:v
i8x16.shl vi:v
i8x16.shr_s vi:v
i8x16.shr_u vi:v
i8x16.add vv:v
i8x16.add_sat_s vv:v
i8x16.add_sat_u vv:v
i8x16.sub vv:v
i8x16.sub_sat_s vv:v
i8x16.sub_sat_u vv:v
f64x2.ceil v:v
f64x2.floor v:v
i8x16.min_s vv:v
i8x16.min_u vv:v
i8x16.max_s vv:v
i8x16.max_u vv:v
f64x2.trunc v:v
i8x16.avgr_u vv:v
i16x8.extadd_pairwise_i8x16_s v:v
i16x8.extadd_pairwise_i8x16_u v:v
i32x4.extadd_pairwise_i16x8_s v:v
i32x4.extadd_pairwise_i16x8_u v:v
i16x8.abs v:v
i16x8.neg v:v
i16x8.q15mulr_sat_s vv:v
i16x8.all_true v:i
i16x8.bitmask v:i
i16x8.narrow_i32x4_s vv:v
i16x8.narrow_i32x4_u vv:v
i16x8.extend_low_i8x16_s v:v
i16x8.extend_high_i8x16_s v:v
i16x8.extend_low_i8x16_u v:v
i16x8.extend_high_i8x16_u v:v
i16x8.shl vi:v
i16x8.shr_s vi:v
i16x8.shr_u vi:v
i16x8.add vv:v
i16x8.add_sat_s vv:v
i16x8.add_sat_u vv:v
i16x8.sub vv:v
i16x8.sub_sat_s vv:v
i16x8.sub_sat_u vv:v
f64x2.nearest v:v
i16x8.mul vv:v
i16x8.min_s vv:v
i16x8.min_u vv:v
i16x8.max_s vv:v
i16x8.max_u vv:v
-
i16x8.avgr_u vv:v
i16x8.extmul_low_i8x16_s vv:v
i16x8.extmul_high_i8x16_s vv:v
i16x8.extmul_low_i8x16_u vv:v
i16x8.extmul_high_i8x16_u vv:v
i32x4.abs v:v
i32x4.neg v:v
-
i32x4.all_true v:i
i32x4.bitmask v:i
-
-
i32x4.extend_low_i16x8_s v:v
i32x4.extend_high_i16x8_s v:v
i32x4.extend_low_i16x8_u v:v
i32x4.extend_high_i16x8_u v:v
i32x4.shl vi:v
i32x4.shr_s vi:v
i32x4.shr_u vi:v
i32x4.add vv:v
-
-
i32x4.sub vv:v
-
-
-
i32x4.mul vv:v
i32x4.min_s vv:v
i32x4.min_u vv:v
i32x4.max_s vv:v
i32x4.max_u vv:v
i32x4.dot_i16x8_s vv:v
-
i32x4.extmul_low_i16x8_s vv:v
i32x4.extmul_high_i16x8_s vv:v
i32x4.extmul_low_i16x8_u vv:v
i32x4.extmul_high_i16x8_u vv:v
i64x2.abs v:v
i64x2.neg v:v
-
i64x2.all_true v:i
i64x2.bitmask v:i
-
-
i64x2.extend_low_i32x4_s v:v
i64x2.extend_high_i32x4_s v:v
i64x2.extend_low_i32x4_u v:v
i64x2.extend_high_i32x4_u v:v
i64x2.shl vi:v
i64x2.shr_s vi:v
i64x2.shr_u vi:v
i64x2.add vv:v
-
-
i64x2.sub vv:v
-
-
-
i64x2.mul vv:v
i64x2.eq vv:v
i64x2.ne vv:v
i64x2.lt_s vv:v
i64x2.gt_s vv:v
i64x2.le_s vv:v
i64x2.ge_s vv:v
i64x2.extmul_low_i32x4_s vv:v
i64x2.extmul_high_i32x4_s vv:v
i64x2.extmul_low_i32x4_u vv:v
i64x2.extmul_high_i32x4_u vv:v
f32x4.abs v:v
f32x4.neg v:v
-
f32x4.sqrt v:v
f32x4.add vv:v
f32x4.sub vv:v
f32x4.mul vv:v
f32x4.div vv:v
f32x4.min vv:v
f32x4.max vv:v
f32x4.pmin vv:v
f32x4.pmax vv:v
f64x2.abs v:v
f64x2.neg v:v
-
f64x2.sqrt v:v
f64x2.add vv:v
f64x2.sub vv:v
f64x2.mul vv:v
f64x2.div vv:v
f64x2.min vv:v
f64x2.max vv:v
f64x2.pmin vv:v
f64x2.pmax vv:v
i32x4.trunc_sat_f32x4_s v:v
i32x4.trunc_sat_f32x4_u v:v
f32x4.convert_i32x4_s v:v
f32x4.convert_i32x4_u v:v
i32x4.trunc_sat_f64x2_s_zero v:v
i32x4.trunc_sat_f64x2_u_zero v:v
f64x2.convert_low_i32x4_s v:v
f64x2.convert_low_i32x4_u v:v`

const relaxedOps = `
i8x16.relaxed_swizzle vv:v
i32x4.relaxed_trunc_f32x4_s v:v
i32x4.relaxed_trunc_f32x4_u v:v
i32x4.relaxed_trunc_f64x2_s_zero v:v
i32x4.relaxed_trunc_f64x2_u_zero v:v
f32x4.relaxed_madd vvv:v
f32x4.relaxed_nmadd vvv:v
f64x2.relaxed_madd vvv:v
f64x2.relaxed_nmadd vvv:v
i8x16.relaxed_laneselect vvv:v
i16x8.relaxed_laneselect vvv:v
i32x4.relaxed_laneselect vvv:v
i64x2.relaxed_laneselect vvv:v
f32x4.relaxed_min vv:v
f32x4.relaxed_max vv:v
f64x2.relaxed_min vv:v
f64x2.relaxed_max vv:v
i16x8.relaxed_q15mulr_s vv:v
i16x8.relaxed_dot_i8x16_i7x16_s vv:v
i32x4.relaxed_dot_i8x16_i7x16_add_s vvv:v`
