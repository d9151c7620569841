// A recording from anywhere: read or refused by line, and a suite made from it is always right.
#include "fuzz.hpp"
#include "lab/replay/import.hpp"
#include "lab/replay/script.hpp"
#include "lab/standard_kinds.hpp"
#include "lab/suite/suite.hpp"

using namespace telltale;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto recording = mcp::read_recording(fuzz::text_of(data, size));
  if (!recording) {
    fuzz::require(!recording.error().detail.empty(), "it says why");
    return 0;
  }
  const auto script = lab::script_of(recording->messages);
  fuzz::require(script.size() == recording->messages.size(), "nothing is lost");
  for (std::size_t i = 0; i < script.size(); ++i) {
    const auto partner = script[i].partner;
    if (partner == lab::Line::kNone) continue;
    fuzz::require(script[partner].partner == i, "an answer and its request know each other");
    fuzz::require(script[partner].to_server() != script[i].to_server(), "they go both ways");
    (void)lab::describe(script[i]);
  }
  std::size_t messages = 0;
  for (const auto session : lab::sessions_of(*recording)) {
    fuzz::require(!session.empty(), "a session has messages");
    messages += session.size();
  }
  fuzz::require(messages == recording->messages.size(), "each message is of one session");
  for (const auto* const fleet : {"", "a server"}) {
    const auto imported = lab::import_suite(*recording, {.fleet = fleet});
    if (!imported) continue;
    const auto reading = lab::suite::read_suite(imported->yaml, lab::standard_kinds().table());
    if (!reading.ok())
      std::fprintf(stderr, "%s\n%s\n",
                   lab::suite::describe(reading.problems.front(), "suite").c_str(),
                   imported->yaml.c_str());
    fuzz::require(reading.ok(), "a suite made from a recording is right");
    fuzz::require(reading.suite.cases.size() == imported->cases, "each case is in it");
  }
  return 0;
}
