#include "store/master_key.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.hpp"
#include "base/random.hpp"

namespace telltale::store {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kFileLimit = 1024;

std::string key_file(const std::string& folder) {
  return (fs::path(folder) / "master.key").string();
}
std::string next_file(const std::string& folder) {
  return key_file(folder) + ".next";
}

std::unexpected<base::Error> bad_key(const std::string& where, const std::string& why) {
  return base::fail(base::Code::storage, "the master key (" + where + ") " + why);
}

base::Result<base::Secret> read_key_file(const std::string& path, bool private_only) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return bad_key(path, std::string("cannot be read: ") + std::strerror(errno));  // NOLINT
  struct stat about{};
  const bool known = ::fstat(fd, &about) == 0;
  std::string text(kFileLimit, '\0');
  const auto size = ::read(fd, text.data(), text.size());
  ::close(fd);
  if (!known || (private_only && (about.st_mode & 077U) != 0)) {
    base::wipe(text);
    return bad_key(path, "may be read by others: chmod 600, and rotate it");
  }
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  auto out = parse_master_key(text, path);
  base::wipe(text);
  return out;
}

base::Result<base::Secret> make_key_file(const std::string& path) {
  std::array<std::uint8_t, kKeyBytes> random{};
  base::secure_bytes(random);
  base::Secret out(std::string(reinterpret_cast<const char*>(random.data()), random.size()));
  random.fill(0);
  auto text = base::hex_encode(out.reveal()) + "\n";
  const auto draft = path + ".new";
  ::unlink(draft.c_str());
  const int fd = ::open(draft.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  const bool written =
      fd >= 0 && ::write(fd, text.data(), text.size()) == std::ssize(text) && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  base::wipe(text);
  if (!written || ::rename(draft.c_str(), path.c_str()) != 0)
    return bad_key(path, "cannot be written");
  return out;
}

}  // namespace

std::string MasterKey::id() const {
  return base::sha256_hex("telltale-master-key-id\n" + std::string(bytes.reveal())).substr(0, 16);
}

base::Result<base::Secret> parse_master_key(std::string_view text, const std::string& where) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.remove_suffix(1);
  if (text.size() == 2 * kKeyBytes &&
      text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i += 2) {
      const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 32) - 'a' + 10; };
      bytes += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
    }
    return base::Secret(std::move(bytes));
  }
  if (auto bytes = base::base64_decode(text); bytes && bytes->size() == kKeyBytes)
    return base::Secret(std::move(*bytes));
  return bad_key(where, "must be 32 bytes as 64 hex digits or as base64 (openssl rand -hex 32)");
}

base::Result<MasterKey> load_master_key(const std::string& folder) {
  const auto given = [](base::Result<base::Secret> key) -> base::Result<MasterKey> {
    if (!key) return std::unexpected(key.error());
    return MasterKey{.bytes = std::move(*key), .from_file = false};
  };
  // NOLINTBEGIN(concurrency-mt-unsafe): start-up, before any thread changes the environment
  if (const char* const credentials = std::getenv("CREDENTIALS_DIRECTORY")) {
    const auto path = fs::path(credentials) / "telltale.master-key";
    std::error_code error;
    if (fs::exists(path, error)) return given(read_key_file(path.string(), false));
  }
  if (const char* const text = std::getenv("TELLTALE_MASTER_KEY"))
    return given(parse_master_key(text, "TELLTALE_MASTER_KEY"));
  // NOLINTEND(concurrency-mt-unsafe)
  const auto path = key_file(folder);
  std::error_code error;
  auto key = fs::exists(path, error) ? read_key_file(path, true) : make_key_file(path);
  if (!key) return std::unexpected(key.error());
  return MasterKey{.bytes = std::move(*key)};
}

base::Result<MasterKey> make_next_master_key(const std::string& folder) {
  auto key = make_key_file(next_file(folder));
  if (!key) return std::unexpected(key.error());
  return MasterKey{.bytes = std::move(*key)};
}

base::Result<MasterKey> load_next_master_key(const std::string& folder) {
  auto key = read_key_file(next_file(folder), true);
  if (!key) return std::unexpected(key.error());
  return MasterKey{.bytes = std::move(*key)};
}

base::Result<void> promote_next_master_key(const std::string& folder) {
  if (::rename(next_file(folder).c_str(), key_file(folder).c_str()) != 0)
    return bad_key(key_file(folder), "cannot be replaced");
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool kept = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!kept) return bad_key(key_file(folder), "may not have been replaced on disk");
  return {};
}

}  // namespace telltale::store
