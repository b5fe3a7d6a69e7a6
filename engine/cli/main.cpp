// tokencast: the engine on the command line.
//
// Exit status: 0 answered, 1 refused (the answer is an error), 2 misuse of the command line.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>

#include "accuracy/kernel_report.h"
#include "accuracy/serving_report.h"
#include "builtin_presets.h"
#include "tokencast/tokencast.h"

namespace {

constexpr int kAnswered = 0;
constexpr int kRefused = 1;
constexpr int kMisuse = 2;

using Answer = std::function<std::string(const std::string&)>;

struct Options {
  std::string file = "-";
  bool lines = false;
  int choice = 0;
};

bool is_refusal(const std::string& response) { return response.starts_with(R"({"ok":false)"); }

int answer_all(std::istream& input, const Answer& answer, bool lines) {
  if (!lines) {
    const std::string text{std::istreambuf_iterator<char>(input), std::istreambuf_iterator<char>()};
    const std::string response = answer(text);
    std::cout << response << '\n';
    return is_refusal(response) ? kRefused : kAnswered;
  }
  int status = kAnswered;
  for (std::string line; std::getline(input, line);) {
    const std::string response = answer(line);
    std::cout << response << '\n';
    if (is_refusal(response)) status = kRefused;
  }
  return status;
}

int run(const Options& options, const Answer& answer) {
  if (options.file == "-") return answer_all(std::cin, answer, options.lines);
  std::ifstream file(options.file, std::ios::binary);
  if (!file) {
    std::cerr << "tokencast: cannot read " << options.file << '\n';
    return kMisuse;
  }
  return answer_all(file, answer, options.lines);
}

struct AccuracyOptions {
  std::string serving, configs, kernels, rows;
  bool leave_out_accelerator = false;
};

int report_accuracy(const AccuracyOptions& options) {
  const tokencast::Presets presets = tokencast::builtin_presets();
  const tokencast::Calibrations calibrations = tokencast::builtin_calibrations();
  const auto report =
      options.kernels.empty()
          ? tokencast::accuracy::serving_report({options.serving, options.configs, options.rows},
                                                presets, calibrations)
          : tokencast::accuracy::kernel_report(
                {options.kernels, options.rows, options.leave_out_accelerator}, presets,
                calibrations);
  if (!report.ok()) {
    std::cerr << "tokencast: " << report.error().message << '\n';
    return kMisuse;
  }
  std::cout << report.value();
  return kAnswered;
}

void add_input(CLI::App& command, Options& options, const std::string& what) {
  command.add_option("file", options.file, what + ", - for standard input")->capture_default_str();
  command.add_flag("--jsonl", options.lines, "One JSON per line in, one answer per line out");
}

int command_line(int argc, char** argv) {
  CLI::App app{"Estimates how fast a language model answers on an accelerator, and what fits.",
               "tokencast"};
  app.require_subcommand(1);
  Options options;
  CLI::App* describe =
      app.add_subcommand("describe", "Parameters, weight bytes and KV cache of a config.json");
  add_input(*describe, options, "A config.json");
  describe->add_option("--choice", options.choice, "Which of several configs in the text, from 1")
      ->check(CLI::Range(1, 100));
  CLI::App* estimate = app.add_subcommand("estimate", "Times, throughput and memory of a request");
  add_input(*estimate, options, "A request as docs/wire-format.md has it");
  CLI::App* simulate = app.add_subcommand("simulate", "A service under load, request by request");
  add_input(*simulate, options, "A request as docs/wire-format.md has it");
  CLI::App* compare = app.add_subcommand(
      "compare", "Your own measurement beside the estimate, and factors that make both agree");
  add_input(*compare, options, "A request as docs/wire-format.md has it");
  std::string measured;
  compare
      ->add_option(
          "--measured", measured,
          "What vllm bench serve or SGLang's bench_serving prints, a CSV, or a start-up log")
      ->required()
      ->check(CLI::ExistingFile);
  CLI::App* accuracy =
      app.add_subcommand("accuracy", "How far estimates are from published measurements");
  AccuracyOptions report;
  CLI::Option* serving =
      accuracy->add_option("--serving", report.serving, "A CSV file of serving results");
  CLI::Option* configs = accuracy->add_option("--configs", report.configs,
                                              "The folder with the models' config.json files");
  CLI::Option* kernels =
      accuracy->add_option("--kernels", report.kernels, "A folder of measured kernels");
  accuracy->add_option("--rows", report.rows, "Where to write a line for each result");
  accuracy
      ->add_flag("--leave-out-accelerator", report.leave_out_accelerator,
                 "Predict each accelerator's kernels as if none of its own were measured")
      ->needs(kernels);
  serving->needs(configs)->excludes(kernels);
  accuracy->require_option(1, 0);
  CLI::App* kernel = app.add_subcommand("kernel", "Time of one call of a kernel");
  add_input(*kernel, options, "A call as docs/wire-format.md has it");
  CLI::App* version = app.add_subcommand("version", "Version of the engine and of the wire format");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kAnswered : kMisuse;
  }
  if (version->parsed()) {
    std::cout << tokencast::version() << '\n';
    return kAnswered;
  }
  if (accuracy->parsed()) return report_accuracy(report);
  if (describe->parsed()) {
    return run(options, [&options](const std::string& text) {
      return tokencast::describe(text, options.choice);
    });
  }
  const tokencast::Presets presets = tokencast::builtin_presets();
  const tokencast::Calibrations calibrations = tokencast::builtin_calibrations();
  if (simulate->parsed()) {
    return run(options, [&](const std::string& text) {
      return tokencast::simulate(text, presets, calibrations);
    });
  }
  if (compare->parsed()) {
    std::ifstream file(measured, std::ios::binary);
    const std::string own((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return run(options, [&](const std::string& text) {
      return tokencast::compare(text, own, presets, calibrations);
    });
  }
  if (kernel->parsed()) {
    return run(options, [&](const std::string& text) {
      return tokencast::kernel(text, presets, calibrations);
    });
  }
  return run(options, [&](const std::string& text) {
    return tokencast::estimate(text, presets, calibrations);
  });
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return command_line(argc, argv);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "tokencast: %s\n", fault.what());
    return kMisuse;
  }
}
