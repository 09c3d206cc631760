//! Whole numbers of any size, and what `CPython` makes of them and of floats: to the last bit.
//!
//! A float is a whole number times a power of two, so whatever goes from one to the other is done in whole
//! numbers and rounded once, to the nearest float and of two to the even one. That is what `CPython` does; it
//! has no limit but the memory, and here a whole number has 65 536 bits at most.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};

use crate::stop::{Stop, raises, refused};

/// A whole number.
pub(crate) type Int = BigInt;

/// The most bits of a whole number.
const BITS: u64 = 1 << 16;

/// What is said of a whole number that is too large.
pub(crate) fn too_large() -> Stop {
    refused("an integer of more than 65 536 bits")
}

/// A whole number, unless it is too large.
pub(crate) fn sized(value: Int) -> Result<Int, Stop> {
    if value.bits() > BITS { Err(too_large()) } else { Ok(value) }
}

pub(crate) fn is_zero(value: &Int) -> bool {
    value.sign() == Sign::NoSign
}

pub(crate) fn is_negative(value: &Int) -> bool {
    value.sign() == Sign::Minus
}

/// The float nearest to `magnitude` times 2 to the `exponent`; a little above that if `more`. `None` if it is beyond
/// the largest one.
pub(crate) fn nearest(negative: bool, magnitude: &BigUint, exponent: i64, more: bool) -> Option<f64> {
    // The last digit of a float counts 2^-1074 at least.
    let top = magnitude.bits().cast_signed() + exponent;
    let last = (top - 53).max(-1074);
    let mut digits = if last <= exponent {
        magnitude << (exponent - last) as u64
    } else {
        let cut = (last - exponent) as u64;
        let kept = magnitude >> cut;
        let rest = magnitude - (&kept << cut);
        let half = BigUint::from(1_u8) << (cut - 1);
        let up = match rest.cmp(&half) {
            Ordering::Less => false,
            Ordering::Equal => more || kept.bit(0),
            Ordering::Greater => true,
        };
        kept + u8::from(up)
    };
    let mut last = last;
    if digits.bits() > 53 {
        digits >>= 1_u8;
        last += 1;
    }
    if digits.bits().cast_signed() + last > 1024 {
        return None;
    }
    let digits = u64::try_from(&digits).unwrap_or(u64::MAX);
    let value = libm::scalbn(digits as f64, last as i32);
    Some(if negative { -value } else { value })
}

/// `float(value)`.
pub(crate) fn to_float(value: &Int) -> Result<f64, Stop> {
    let float = nearest(is_negative(value), value.magnitude(), 0, false);
    float.ok_or_else(|| raises("OverflowError: int too large to convert to float"))
}

/// The float nearest to it, or an infinite one: for comparing.
pub(crate) fn reach(value: &Int) -> f64 {
    let beyond = if is_negative(value) { f64::NEG_INFINITY } else { f64::INFINITY };
    to_float(value).unwrap_or(beyond)
}

/// A finite float as a whole number times a power of two.
pub(crate) fn parts(float: f64) -> (Int, i64) {
    let bits = float.to_bits();
    let (exponent, digits) = (bits >> 52 & 0x7ff, bits & ((1 << 52) - 1));
    let (digits, exponent) =
        if exponent == 0 { (digits, -1074) } else { (digits | 1 << 52, exponent.cast_signed() - 1075) };
    let digits = Int::from(digits);
    (if float.is_sign_negative() { -digits } else { digits }, exponent)
}

/// A float that is whole.
pub(crate) fn of_float(float: f64) -> Int {
    let (digits, exponent) = parts(float);
    if exponent < 0 { digits >> exponent.unsigned_abs() } else { digits << exponent as u64 }
}

/// `left / right`.
pub(crate) fn divided(left: &Int, right: &Int) -> Result<f64, Stop> {
    if is_zero(right) {
        return Err(raises("ZeroDivisionError: division by zero"));
    }
    let negative = is_negative(left) != is_negative(right);
    let (over, under) = (left.magnitude(), right.magnitude());
    // As many digits of the quotient as a float has, and some more.
    let shift = 66 + under.bits().cast_signed() - over.bits().cast_signed();
    let (over, under) = if shift >= 0 {
        (over << shift as u64, under.clone())
    } else {
        (over.clone(), under << shift.unsigned_abs())
    };
    let quotient = &over / &under;
    let more = &quotient * &under != over;
    let float = nearest(negative, &quotient, -shift, more);
    float.ok_or_else(|| raises("OverflowError: integer division result too large for a float"))
}

/// `divmod(left, right)`: the quotient is rounded down.
pub(crate) fn divmod(left: &Int, right: &Int) -> Result<(Int, Int), Stop> {
    if is_zero(right) {
        return Err(raises("ZeroDivisionError: integer division or modulo by zero"));
    }
    let (quotient, rest) = (left / right, left % right);
    Ok(if !is_zero(&rest) && is_negative(&rest) != is_negative(right) {
        (quotient - 1, rest + right)
    } else {
        (quotient, rest)
    })
}

/// `base ** exponent`, of an exponent that is not negative.
pub(crate) fn power(base: &Int, exponent: &Int) -> Result<Int, Stop> {
    let odd = exponent.bit(0);
    match base.bits() {
        0 => return Ok(Int::from(u8::from(is_zero(exponent)))),
        1 if odd => return Ok(base.clone()),
        1 => return Ok(Int::from(1)),
        _ => {}
    }
    let exponent = u32::try_from(exponent).map_err(|_| too_large())?;
    if (base.bits() - 1) * u64::from(exponent) > BITS {
        return Err(too_large());
    }
    sized(base.pow(exponent))
}

/// `left << right`.
pub(crate) fn shifted_left(left: &Int, right: &Int) -> Result<Int, Stop> {
    if is_negative(right) {
        return Err(raises("ValueError: negative shift count"));
    }
    if is_zero(left) {
        return Ok(Int::from(0));
    }
    let by = u64::try_from(right).ok().filter(|by| *by <= BITS).ok_or_else(too_large)?;
    sized(left << by)
}

/// `left >> right`, rounded down.
pub(crate) fn shifted_right(left: &Int, right: &Int) -> Result<Int, Stop> {
    if is_negative(right) {
        return Err(raises("ValueError: negative shift count"));
    }
    // Whatever is longer than the number leaves its sign.
    Ok(left >> u64::try_from(right).unwrap_or(BITS + 1).min(BITS + 1))
}

/// How a whole number compares with a float, exactly; `None` for one that is not a number.
pub(crate) fn against(whole: &Int, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float.is_infinite() {
        return Some(if float > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let floor = float.floor();
    Some(whole.cmp(&of_float(floor)).then(if float > floor { Ordering::Less } else { Ordering::Equal }))
}

/// `over` divided by `under`, which is positive, rounded to the nearest whole number, and of two to the even one.
fn halved(over: &Int, under: &Int) -> Result<Int, Stop> {
    let (down, rest) = divmod(over, under)?;
    let twice: Int = rest * 2;
    let up = match twice.cmp(under) {
        Ordering::Less => false,
        Ordering::Equal => down.bit(0),
        Ordering::Greater => true,
    };
    Ok(down + u8::from(up))
}

/// `round(value, -digits)` of a whole number.
pub(crate) fn rounded(value: &Int, digits: u64) -> Result<Int, Stop> {
    // Ten has more than three bits.
    if digits * 3 > value.bits() {
        return Ok(Int::from(0));
    }
    let ten = Int::from(10).pow(digits as u32);
    Ok(halved(value, &ten)? * ten)
}

/// `round(value, -digits)` of a finite float.
pub(crate) fn rounded_float(value: f64, digits: u64) -> Result<f64, Stop> {
    let (whole, exponent) = parts(value);
    let zero = 0.0_f64.copysign(value);
    if digits > 400 {
        return Ok(zero);
    }
    let ten = Int::from(10).pow(digits as u32);
    let (over, under) = if exponent < 0 {
        (whole, &ten << exponent.unsigned_abs())
    } else {
        (whole << exponent as u64, ten.clone())
    };
    let rounded = halved(&over, &under)? * ten;
    if is_zero(&rounded) {
        return Ok(zero);
    }
    to_float(&rounded).map_err(|_| raises("OverflowError: rounded value too large to represent"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(text: &str) -> Int {
        text.parse().expect("a whole number")
    }

    #[test]
    fn a_float_is_the_nearest_one_and_of_two_the_even_one() {
        let two = |power: u32| Int::from(2).pow(power);
        let float = |value: Int| to_float(&value).ok();
        assert_eq!(float(two(53) + 1), Some(9_007_199_254_740_992.0));
        assert_eq!(float(two(53) + 3), Some(9_007_199_254_740_996.0));
        assert_eq!(float(-two(1024) + two(970) + 1), Some(-f64::MAX));
        assert_eq!(float(two(1024) - two(970)), None, "half way to the next, which there is not");
        assert_eq!(divided(&int("0"), &int("-5")).ok().map(f64::to_bits), Some((-0.0_f64).to_bits()));
        assert_eq!(divided(&int("1"), &two(1074)).ok(), Some(5e-324));
        assert_eq!(divided(&int("1"), &two(1075)).ok(), Some(0.0));
        assert_eq!(divided(&int("3"), &two(1075)).ok(), Some(1e-323));
        for float in [0.1, 5e-324, 1e308, 2.5, f64::MIN_POSITIVE] {
            let (whole, exponent) = parts(float);
            assert_eq!(nearest(false, whole.magnitude(), exponent, false), Some(float));
        }
    }

    #[test]
    fn whole_numbers_are_rounded_down_whichever_sign_they_have() {
        assert_eq!(divmod(&int("-7"), &int("2")), Ok((int("-4"), int("1"))));
        assert_eq!(divmod(&int("7"), &int("-2")), Ok((int("-4"), int("-1"))));
        assert_eq!(shifted_right(&int("-5"), &int("99999999999999999999")), Ok(int("-1")));
        assert_eq!(shifted_right(&int("-7"), &int("1")), Ok(int("-4")));
        assert_eq!(rounded(&int("25"), 1), Ok(int("20")));
        assert_eq!(rounded(&int("-35"), 1), Ok(int("-40")));
        assert_eq!(rounded_float(1250.0, 2), Ok(1200.0));
    }

    #[test]
    fn a_number_has_so_many_bits_and_no_more() {
        assert_eq!(power(&int("2"), &int("65535")).map(|value| value.bits()), Ok(65_536));
        assert_eq!(power(&int("2"), &int("65536")), Err(too_large()));
        assert_eq!(power(&int("-1"), &int("99999999999999999999")), Ok(int("-1")));
        assert_eq!(shifted_left(&int("0"), &int("99999999999999999999")), Ok(int("0")));
        assert_eq!(shifted_left(&int("1"), &int("65536")), Err(too_large()));
    }
}
