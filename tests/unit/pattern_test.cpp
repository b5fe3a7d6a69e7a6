#include "base/pattern.h"

#include <chrono>
#include <string>
#include <vector>

#include "catch.h"
#include "model/module_list.h"

using namespace tokencast;

namespace {

struct Match {
  const char* pattern;
  const char* text;
  bool matches;
};

void check(const std::vector<Match>& cases) {
  for (const Match& c : cases) {
    CAPTURE(c.pattern, c.text);
    const std::optional<Pattern> pattern = Pattern::compile(c.pattern);
    REQUIRE(pattern.has_value());
    CHECK(pattern->matches(c.text) == c.matches);
  }
}

ModuleList list_of(const std::vector<std::string>& entries) {
  ModuleList modules;
  for (const std::string& entry : entries) REQUIRE(modules.add(entry));
  return modules;
}

}  // namespace

TEST_CASE("a pattern matches from the start of a text, not to its end") {
  check({
      {"mlp", "mlp.gate", true},
      {"mlp", "model.mlp", false},
      {".*mlp", "model.mlp", true},
      {"mlp$", "mlp", true},
      {"mlp$", "mlp.gate", false},
      {"^mlp$", "mlp", true},
      {"a^b", "ab", false},
      {"a.*bc\\.d", "axxbc.d", true},
      {"a.*bc\\.d", "axxb.d", false},
      {"abc*d", "abd", true},
      {"x|abc", "x", true},
      {"\\w\\d", "a1", true},
      {"", "anything", true},
      {"", "", true},
      {"a", "", false},
  });
}

TEST_CASE("characters, classes and escapes") {
  check({
      {".", "x", true},
      {".", "", false},
      {"a.c", "abc", true},
      {"a\\.c", "abc", false},
      {"a\\.c", "a.c", true},
      {"[abc]", "b", true},
      {"[abc]", "d", false},
      {"[a-c]x", "bx", true},
      {"[^a-c]", "d", true},
      {"[^a-c]", "b", false},
      {"[a-]", "-", true},
      {"[0-9a-f]+$", "1f", true},
      {"[\\d_]+$", "12_3", true},
      {"[.]", ".", true},
      {"[.]", "x", false},
      {"\\d+", "17", true},
      {"\\d", "x", false},
      {"\\w+$", "gate_up_proj2", true},
      {"\\w+$", "mlp.gate", false},
      {"a\\sb", "a b", true},
      {"a\\sb", "a\tb", true},
      {"\\(\\)", "()", true},
      {"\\*", "*", true},
  });
}

TEST_CASE("repetition, groups and alternatives") {
  check({
      {"ab*c", "ac", true},
      {"ab*c", "abbbc", true},
      {"ab+c", "ac", false},
      {"ab+c", "abbc", true},
      {"ab?c", "ac", true},
      {"ab?c$", "abbc", false},
      {".*?x", "aaax", true},  // lazy or greedy: the same texts
      {"(ab)+$", "abab", true},
      {"(ab)+$", "aba", false},
      {"(?:ab)+$", "abab", true},
      {"gate|up|down", "up_proj", true},
      {"(gate|up)_proj$", "up_proj", true},
      {"(gate|up)_proj$", "down_proj", false},
      {"(a|)b", "b", true},
      {"((a|b)(c|d))+$", "acbd", true},
      {"a(b(c)?)?d", "abd", true},
      {"a(b(c)?)?d", "acd", false},
  });
}

TEST_CASE("patterns of published quantization configs") {
  check({
      {".*mlp\\.(gate|up|gate_up|down)_proj.*", "model.layers.3.mlp.gate_up_proj", true},
      {".*mlp\\.(gate|up|gate_up|down)_proj.*", "model.layers.3.mlp.experts.0.gate_proj", false},
      {".*shared_experts.*", "model.layers.3.mlp.shared_experts.up_proj", true},
      {".*self_attn.*", "model.layers.3.mlp.up_proj", false},
      {"^model\\.layers\\.(0|1|2)\\..*$", "model.layers.1.mlp.up_proj", true},
      {"^model\\.layers\\.(0|1|2)\\..*$", "model.layers.12.mlp.up_proj", false},
      {"model\\.layers\\.\\d+\\.mlp\\.experts\\.\\d+\\.(w1|w3)", "model.layers.17.mlp.experts.3.w3",
       true},
      {".*\\.attn\\..*", "model.layers.0.linear_attn.out_proj", false},
  });
}

TEST_CASE("what is not understood is no pattern, rather than a wrong one") {
  const std::vector<std::string> patterns = {
      "(a)\\1",    // back reference
      "(?=a)b",    // look-ahead
      "(?!a)b",    //
      "(?<=a)b",   // look-behind
      "(?i)mlp",   // flags
      "(?P<n>a)",  // names
      "a{2}",      // counted
      "{2}",       //
      "*a",        // nothing to repeat
      "+",         //
      "?",         //
      "(a",        // not closed
      "a)",        //
      "[a",        //
      "[",         //
      "a\\",       // an escape of nothing
      "\\b",       // word boundary
      "\\q",       // unknown letters
      "[\\q]",     //
      std::string(401, 'a'),
      std::string(50, '(') + "a" + std::string(50, ')'),
  };
  for (const std::string& pattern : patterns) {
    CAPTURE(pattern);
    CHECK_FALSE(Pattern::compile(pattern).has_value());
  }
  CHECK(Pattern::compile(std::string(400, 'a')).has_value());
}

TEST_CASE("time is in proportion to pattern and text, whatever they are") {
  // Backtracking would take longer than the universe has.
  const std::string text(20'000, 'a');
  const auto start = std::chrono::steady_clock::now();
  for (const char* pattern : {"(a*)*b", "(a+)+b", "(a|a)*b", "(a|aa)+$b", "(.*)*.*.*.*.*b",
                              "a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?b"}) {
    CAPTURE(pattern);
    CHECK_FALSE(Pattern::compile(pattern)->matches(text));
  }
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}

TEST_CASE("modules are named exactly, by what is above them, or by a part of their names") {
  const std::vector<std::string> q = {"self_attn.q_proj"};
  const std::vector<std::string> down = {"mlp.down_proj"};
  struct Case {
    const char* entry;
    bool everywhere, in_layer_1, in_layer_10;  ///< of q_proj
  };
  const std::vector<Case> cases = {
      {"model.layers.1.self_attn.q_proj", false, true, false},
      {"model.layers.1.self_attn", false, true, false},
      {"model.layers.1", false, true, false},
      {"layers.1.self_attn", false, true, false},
      {"model.language_model.layers.1.self_attn", false, true, false},
      {"transformer.h.1", false, true, false},
      {"model.layers.1.self_attn.k_proj", false, false, false},
      {"model.layers.1.self_attn.q", false, false, false},  // a whole segment, or nothing
      {"self_attn", true, false, false},
      {"q_proj", true, false, false},
      {"self_attn.q_proj", true, false, false},
      {"attn", false, false, false},
      {"proj", false, false, false},
      // Wildcards
      {"model.layers.*.self_attn", true, false, false},
      {"model.layers.*.self_attn.*", true, false, false},
      {"*self_attn*", true, false, false},
      {"model.layers.1*", false, true, false},
      {"model.layers.1.*", false, true, false},
      {"model.layers.1.self_attn*", false, true, false},
      {"model.layers.*.mlp*", false, false, false},
      // Regular expressions
      {"re:.*self_attn.*", true, false, false},
      {"re:.*q_proj", true, false, false},
      {"re:self_attn.*", true, false, false},
      {"re:.*layers\\.1\\.self_attn.*", false, true, false},
      {"re:model\\.layers\\.(1|10)\\..*", false, true, true},
      {"re:.*mlp.*", false, false, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.entry);
    const ModuleList modules = list_of({c.entry});
    CHECK_FALSE(modules.empty());
    CHECK(modules.holds(q) == c.everywhere);
    CHECK(modules.holds_in_layer(q, 1) == c.in_layer_1);
    CHECK(modules.holds_in_layer(q, 10) == c.in_layer_10);
  }
  const ModuleList both = list_of({"model.layers.0.mlp", "self_attn"});
  CHECK(both.names_layers());
  CHECK(both.holds_in_layer(down, 0));
  CHECK_FALSE(both.holds(down));
  CHECK(both.holds(q));
  CHECK_FALSE(list_of({"self_attn"}).names_layers());
  CHECK(ModuleList().empty());
}

TEST_CASE("a module has several names, and one of them is enough") {
  // Fused, and as Mixtral calls them.
  const std::vector<std::string> gate = {"mlp.experts.0.gate_proj",
                                         "block_sparse_moe.experts.0.w1"};
  CHECK(list_of({"re:.*w1"}).holds_in_layer(gate, 3));
  CHECK(list_of({"block_sparse_moe.experts"}).holds(gate));
  CHECK(list_of({"model.layers.3.mlp.experts"}).holds_in_layer(gate, 3));
  CHECK_FALSE(list_of({"model.layers.3.mlp.experts"}).holds_in_layer(gate, 4));
  // "gate" is the router, not gate_proj.
  CHECK_FALSE(list_of({"gate"}).holds(gate));
  CHECK(list_of({"lm_head"}).holds({"lm_head"}));
  CHECK(list_of({"re:.*lm_head"}).holds({"lm_head"}));
  CHECK(list_of({"model.embed_tokens"}).holds({"embed_tokens"}));
}

TEST_CASE("entries that name nothing are said to be so") {
  ModuleList modules;
  CHECK_FALSE(modules.add("re:(?i)mlp"));
  CHECK_FALSE(modules.add("re:a{2}"));
  CHECK_FALSE(modules.add(""));
  CHECK_FALSE(modules.add("*"));
  CHECK(modules.empty());
  // Of a list that is written as patterns the first are kept, so that reading it stays quick.
  constexpr int kMany = 5000;
  int kept = 0;
  while (kept < kMany && modules.add("re:layers\\." + std::to_string(kept) + "\\.x")) ++kept;
  CHECK(kept >= 50);
  CHECK(kept < kMany);
}
