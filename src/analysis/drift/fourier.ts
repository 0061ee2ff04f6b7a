/**
 * The power |X(k)|^2 of a real series at frequencies k / length, k = 0 .. length / 2; `length` is a power of two.
 * Radix-2 fast Fourier transform in place. Source: J. Cooley, J. Tukey, Math. Comp. 19 (1965), 297.
 */
export function powerSpectrum(series: Float64Array): Float64Array {
  const length = series.length;
  const real = Float64Array.from(series);
  const imaginary = new Float64Array(length);
  reverseBits(real);
  const { cosines, sines } = rootsOfUnity(length);
  for (let size = 2; size <= length; size *= 2) {
    const half = size / 2;
    const stride = length / size;
    for (let start = 0; start < length; start += size) {
      for (let i = start, root = 0; i < start + half; i++, root += stride) {
        const j = i + half;
        const re = real[j]! * cosines[root]! + imaginary[j]! * sines[root]!;
        const im = imaginary[j]! * cosines[root]! - real[j]! * sines[root]!;
        real[j] = real[i]! - re;
        imaginary[j] = imaginary[i]! - im;
        real[i]! += re;
        imaginary[i]! += im;
      }
    }
  }
  const power = new Float64Array(length / 2 + 1);
  for (let k = 0; k < power.length; k++) power[k] = real[k]! ** 2 + imaginary[k]! ** 2;
  return power;
}

function reverseBits(values: Float64Array): void {
  for (let i = 1, j = 0; i < values.length; i++) {
    let bit = values.length >> 1;
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    const kept = values[i]!;
    values[i] = values[j]!;
    values[j] = kept;
  }
}

/** Cosines and sines of 2 pi k / length, k below length / 2; those of the last length are kept. */
function rootsOfUnity(length: number): Roots {
  if (roots.cosines.length * 2 === length) return roots;
  const cosines = new Float64Array(length / 2);
  const sines = new Float64Array(length / 2);
  for (let k = 0; k < length / 2; k++) {
    cosines[k] = Math.cos((2 * Math.PI * k) / length);
    sines[k] = Math.sin((2 * Math.PI * k) / length);
  }
  roots = { cosines, sines };
  return roots;
}

interface Roots {
  cosines: Float64Array;
  sines: Float64Array;
}

let roots: Roots = { cosines: new Float64Array(0), sines: new Float64Array(0) };
