//! `left ** right` for floats, where every C library gives the same bits.
//!
//! Python takes the power from the C library, and libraries differ in the last bit where the exact power lies
//! half way between two floats, nearly. So the power is computed here to some 180 bits; it is the float nearest
//! to that, and where a library could take another for nearest, any of the two beside it.

use std::sync::LazyLock;

use num_bigint::{BigInt, BigUint};

use crate::number::{is_negative, nearest, parts};
use crate::stop::{Stop, raises, refused};

/// The bits after the point of all that is computed here. Some hundred steps err by a few units of the last one, and an
/// exponent of up to 2^67 makes that as many times more: 180 bits of a power are right, and three times more than are asked for.
const POINT: u64 = 256;

/// The series is short for a small number, which is then squared so often.
const SQUARED: u32 = 8;

/// The natural logarithm of 2.
static LN_2: LazyLock<BigInt> = LazyLock::new(|| atanh(&(one() / 3)) << 1_u8);

/// What the power of two floats comes to.
enum Power {
    /// This.
    Is(f64),
    /// Between this and its neighbours: which of them, libraries may differ in.
    Near(f64),
    /// It is larger than any.
    Overflows,
}

/// `left ** right`: the least and the greatest that it is anywhere, mostly the same.
pub(crate) fn power(left: f64, right: f64) -> Result<(f64, f64), Stop> {
    match computed(left, right)? {
        Power::Is(value) => Ok((value, value)),
        Power::Near(value) => Ok((value.next_down(), value.next_up())),
        Power::Overflows => Err(raises("OverflowError: (34, 'Numerical result out of range')")),
    }
}

/// The least and the greatest of all powers of what lies between these ends, of which no base is negative; `None` if
/// some are larger than any float, or zero to a negative power.
pub(crate) fn ends(left: (f64, f64), right: (f64, f64)) -> Result<Option<(f64, f64)>, Stop> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    // It grows or falls with each of the two, whatever the other is, so it is greatest and least at an end.
    for (left, right) in [(left.0, right.0), (left.0, right.1), (left.1, right.0), (left.1, right.1)] {
        if left == 0.0 && right < 0.0 {
            return Ok(None);
        }
        let (least, most) = match computed(left, right)? {
            Power::Is(value) => (value, value),
            Power::Near(value) => (value.next_down().max(0.0), value.next_up()),
            Power::Overflows => return Ok(None),
        };
        (low, high) = (low.min(least), high.max(most));
    }
    // In between some library may round another way.
    Ok(Some((low.next_down().max(0.0), high.next_up())).filter(|(_, high)| high.is_finite()))
}

#[expect(clippy::float_cmp, reason = "these are the cases that C and Python single out")]
fn computed(left: f64, right: f64) -> Result<Power, Stop> {
    if right == 0.0 || left == 1.0 {
        return Ok(Power::Is(1.0));
    }
    if left.is_nan() || right.is_nan() {
        return Ok(Power::Is(f64::NAN));
    }
    let whole = right.fract() == 0.0;
    if left < 0.0 && !whole && left.is_finite() && right.is_finite() {
        return Err(refused(format!("{left:?} ** {right:?}, a complex number")));
    }
    let odd = whole && (right / 2.0).fract() != 0.0;
    let signed = |value: f64| if odd && left.is_sign_negative() { -value } else { value };
    let size = left.abs();
    if size == 1.0 {
        return Ok(Power::Is(signed(1.0)));
    }
    if size == 0.0 || size.is_infinite() || right.is_infinite() {
        let grows = (size > 1.0) == (right > 0.0);
        return Ok(Power::Is(signed(if grows { f64::INFINITY } else { 0.0 })));
    }
    // No logarithm of a float is nearer to zero than this leaves room for.
    if right.abs() > 1e20 {
        let grows = (size > 1.0) == (right > 0.0);
        return Ok(if grows { Power::Overflows } else { Power::Is(signed(0.0)) });
    }
    Ok(match exponential(&times(&logarithm(size), right)) {
        Power::Is(value) => Power::Is(signed(value)),
        Power::Near(value) => Power::Near(signed(value)),
        Power::Overflows => Power::Overflows,
    })
}

fn one() -> BigInt {
    BigInt::from(1) << POINT
}

fn product(left: &BigInt, right: &BigInt) -> BigInt {
    (left * right) >> POINT
}

/// A number times a float.
fn times(number: &BigInt, float: f64) -> BigInt {
    let (digits, exponent) = parts(float);
    let whole = number * digits;
    if exponent < 0 { whole >> exponent.unsigned_abs() } else { whole << exponent as u64 }
}

/// x + x^3 / 3 + x^5 / 5 and so on, of a number that is at most a third.
fn atanh(x: &BigInt) -> BigInt {
    let square = product(x, x);
    let (mut term, mut sum, mut odd) = (x.clone(), x.clone(), 1_u32);
    while term.bits() > 1 {
        term = product(&term, &square);
        odd += 2;
        sum += &term / odd;
    }
    sum
}

/// The natural logarithm of a positive float.
fn logarithm(float: f64) -> BigInt {
    let (digits, exponent) = parts(float);
    // float = part * 2^power, the part between 1 and 2.
    let length = digits.bits();
    let part = digits << (POINT + 1 - length);
    let power = exponent + length.cast_signed() - 1;
    let ratio = ((&part - one()) << POINT) / (&part + one());
    (atanh(&ratio) << 1_u8) + &*LN_2 * power
}

/// e to this power, as a float.
fn exponential(x: &BigInt) -> Power {
    let whole: BigInt = x / &*LN_2;
    let Ok(power) = i64::try_from(&whole) else {
        return if is_negative(x) { Power::Is(0.0) } else { Power::Overflows };
    };
    if power > 1_030 {
        return Power::Overflows;
    }
    if power < -1_090 {
        return Power::Is(0.0);
    }
    let rest: BigInt = (x - whole * &*LN_2) >> SQUARED;
    let (mut term, mut sum, mut count) = (one(), one(), 0_u32);
    while term.bits() > 1 {
        count += 1;
        term = product(&term, &rest) / count;
        sum += &term;
    }
    for _ in 0..SQUARED {
        sum = product(&sum, &sum);
    }
    rounded(sum.magnitude(), power - POINT.cast_signed())
}

/// The float nearest to a number that is known but for its last digits.
fn rounded(digits: &BigUint, exponent: i64) -> Power {
    // Libraries err by some hundredths of a float's last digit: of a half and a thirty-second, none takes the other.
    let last = (digits.bits().cast_signed() + exponent - 53).max(-1074);
    let doubt = BigUint::from(1_u8) << (last - exponent - 5) as u64;
    let low = if *digits > doubt { digits - &doubt } else { BigUint::ZERO };
    let at = |digits: &BigUint| nearest(false, digits, exponent, false);
    match (at(&low), at(digits), at(&(digits + doubt))) {
        (Some(low), Some(value), Some(high)) if low.to_bits() == high.to_bits() => Power::Is(value),
        (Some(_), Some(value), Some(_)) => Power::Near(value),
        (_, None, _) => Power::Overflows,
        (_, Some(value), _) => Power::Near(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_is_exact_where_a_float_is_and_the_nearest_one_else() {
        let is = |left: f64, right: f64| match power(left, right) {
            Ok((low, high)) if low.to_bits() == high.to_bits() => Ok(low.to_bits()),
            other => Err(other),
        };
        assert_eq!(is(1.5, 3.0), Ok(3.375_f64.to_bits()));
        assert_eq!(is(-2.0, 3.0), Ok((-8.0_f64).to_bits()));
        assert_eq!(is(-0.0, 3.0), Ok((-0.0_f64).to_bits()));
        assert_eq!(is(2.0, -1_070.0), Ok(8e-323_f64.to_bits()));
        assert_eq!(is(2.0, -1_080.0), Ok(0));
        assert_eq!(is(2.0, 0.5), Ok(std::f64::consts::SQRT_2.to_bits()));
        assert_eq!(is(f64::NEG_INFINITY, 3.0), Ok(f64::NEG_INFINITY.to_bits()));
        assert_eq!(is(1.000_000_1, 1e9), Ok(2.688_103_858_214_464_7e43_f64.to_bits()));
        assert!(matches!(power(2.0, 2_000.0), Err(Stop::Raises(what)) if what.contains("OverflowError")));
        assert!(matches!(power(-8.0, 0.5), Err(Stop::Refused(what)) if what.contains("complex")));
        let near = power(1.000_027, 0.5);
        assert!(matches!(near, Ok((low, high)) if low.next_up().next_up().to_bits() == high.to_bits()));
    }

    #[test]
    fn what_lies_between_the_ends_of_powers_holds_all_in_between() {
        let ends = |left, right| ends(left, right).expect("no complex ones").expect("all are finite");
        let (low, high) = ends((1.1, 1.1), (0.0, 100.0));
        assert!(low <= 1.0 && 13_780.6 < high && high < 13_780.7);
        let (low, high) = ends((0.0, 4.0), (0.5, 0.5));
        assert!(low == 0.0 && (2.0..2.000_001).contains(&high));
        let (low, high) = ends((0.5, 2.0), (-1.0, 3.0));
        assert!(low <= 0.125 && (8.0..8.000_001).contains(&high));
    }
}
