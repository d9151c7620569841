// The main of a fuzz target without libFuzzer: every file of the corpus, and 200 changes of each (a
// byte, a piece taken out or doubled, two files joined), from a fixed seed. FILE… or FOLDER….
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "fuzz.hpp"

namespace {

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::string changed(std::string input, const std::vector<std::string>& all,
                    telltale::base::Random& random) {
  for (auto times = random.below(4) + 1; times > 0; --times) {
    const auto at = random.below(input.size() + 1);
    const auto length = random.below(16) + 1;
    switch (random.below(5)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(random.next());
        break;
      case 1:
        input.erase(at, length);
        break;
      case 2:
        input.insert(at, input.substr(at, length));
        break;
      case 3:
        input.insert(at, 1, static_cast<char>(random.next()));
        break;
      default:
        input = input.substr(0, at) + all[random.below(all.size())];
    }
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> inputs;
  for (int i = 1; i < argc; ++i)
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
  if (inputs.empty()) {
    std::fprintf(stderr, "no corpus\n");
    return 1;
  }
  telltale::base::Random random(42);
  run("");
  for (const auto& input : inputs) {
    run(input);
    for (int i = 0; i < 200; ++i) run(changed(input, inputs, random));
  }
  std::printf("%zu inputs, 200 changes of each\n", inputs.size());
}
