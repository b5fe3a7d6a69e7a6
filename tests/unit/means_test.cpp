#include "graph/means.h"

#include "catch.h"

using namespace tokencast;

TEST_CASE("the union of experts that a batch touches") {
  // DeepSeek-V3, 8 of 256: 8 at one token; 57.4 at 8: 256 · (1 − (248/256)^8)
  CHECK(expected_experts(256, 8, 1) == 8);
  CHECK(expected_experts(256, 8, 8) == Approx(57.4).margin(0.05));
  CHECK(expected_experts(256, 8, 32) == Approx(163.3).margin(0.05));
  CHECK(expected_experts(8, 2, 1) == 2);
  CHECK(expected_experts(8, 8, 5) == 8);
  CHECK(expected_experts(256, 8, 100000) == Approx(256));
}

TEST_CASE("the mean number of keys follows contexts and window") {
  CHECK(mean_keys(1, 4, 0) == 2.5);   // (1 + 2 + 3 + 4) / 4
  CHECK(mean_keys(1, 4, 2) == 1.75);  // (1 + 2 + 2 + 2) / 4
  CHECK(mean_keys(1025, 2047, 0) == 1536);
  CHECK(mean_keys(5000, 6000, 4096) == 4096);
  CHECK(mean_keys(4, 4, 4) == 4);
  CHECK(mean_keys(1, 10, 10) == 5.5);
}

TEST_CASE("the mean number of keys within chunks of the context") {
  CHECK(mean_chunked_keys(1, 4, 2) == 1.5);   // (1 + 2 + 1 + 2) / 4
  CHECK(mean_chunked_keys(4, 5, 4) == 2.5);   // (4 + 1) / 2
  CHECK(mean_chunked_keys(1, 10, 4) == 2.3);  // (10 + 10 + 1 + 2) / 10
}

TEST_CASE("the ranks that a token goes to") {
  CHECK(ranks_of_token(1, 8) == 1);
  CHECK(ranks_of_token(4, 1) == 1);
  CHECK(ranks_of_token(2, 2) == 1.5);                 // both on one rank half of the time
  CHECK(ranks_of_token(8, 3.5) == Approx(2.640625));  // 8 · (1 − (7/8)^3)
}
