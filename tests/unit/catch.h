// Catch2, version 2 or 3.
#ifndef TOKENCAST_TESTS_CATCH_H_
#define TOKENCAST_TESTS_CATCH_H_

#ifdef TOKENCAST_CATCH2_V2
#include <catch2/catch.hpp>
#else
#include <catch2/catch_all.hpp>
using Catch::Approx;  // version 2 has it in the global namespace
#endif

#endif  // TOKENCAST_TESTS_CATCH_H_
