//! A synthetic city (合成样例): enterprises and items made from a seed, marked as such.
