#include "audit/signer.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

namespace telltale::audit {
namespace {

namespace fs = std::filesystem;
using Key = std::unique_ptr<evp_pkey_st, void (*)(evp_pkey_st*)>;
using Memory = std::unique_ptr<BIO, int (*)(BIO*)>;

constexpr std::size_t kKeyFileLimit = 4096;

std::unexpected<base::Error> no_key(const fs::path& path, const std::string& why) {
  return base::fail(base::Code::storage, "the audit key " + path.string() + ": " + why);
}

std::string text_of(BIO* memory) {
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(memory, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

// New or whole: a crash between leaves no half a key under the name.
base::Result<void> write_file(const fs::path& path, std::string_view text, ::mode_t mode) {
  const auto draft = path.string() + ".new";
  ::unlink(draft.c_str());
  const int fd = ::open(draft.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
  if (fd < 0) return no_key(path, std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
  const bool written =
      ::write(fd, text.data(), text.size()) == std::ssize(text) && ::fsync(fd) == 0;
  ::close(fd);
  if (!written || ::rename(draft.c_str(), path.c_str()) != 0)
    return no_key(path, "cannot be written");
  return {};
}

base::Result<Key> read_key(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return no_key(path, std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
  struct stat about{};
  std::string text(kKeyFileLimit, '\0');
  const bool safe = ::fstat(fd, &about) == 0 && (about.st_mode & 077U) == 0;
  const auto size = ::read(fd, text.data(), text.size());
  ::close(fd);
  if (!safe) return no_key(path, "others may read it; chmod 600, and think of it as known");
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  const Memory memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
  Key key(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  OPENSSL_cleanse(text.data(), text.size());
  if (!key || EVP_PKEY_id(key.get()) != EVP_PKEY_ED25519) return no_key(path, "is no Ed25519 key");
  return key;
}

base::Result<Key> make_key(const fs::path& path) {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
  const Memory memory(BIO_new(BIO_s_mem()), BIO_free);
  if (!key ||
      PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return no_key(path, "cannot be made");
  auto text = text_of(memory.get());
  auto written = write_file(path, text, 0600);
  OPENSSL_cleanse(text.data(), text.size());
  if (!written) return std::unexpected(written.error());
  return key;
}

}  // namespace

base::Result<Signer> Signer::open(const std::string& folder) {
  const auto path = fs::path(folder) / "audit.key";
  std::error_code error;
  auto key = fs::exists(path, error) ? read_key(path) : make_key(path);
  if (!key) return std::unexpected(key.error());
  const Memory memory(BIO_new(BIO_s_mem()), BIO_free);
  if (PEM_write_bio_PUBKEY(memory.get(), key->get()) != 1)
    return no_key(path, "has no public part");
  if (auto written = write_file(fs::path(folder) / "audit.pub", text_of(memory.get()), 0644);
      !written)
    return std::unexpected(written.error());
  return Signer(std::move(*key));
}

base::Result<std::string> Signer::sign(std::string_view message) const {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  std::string out(64, '\0');
  auto size = out.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                     reinterpret_cast<const unsigned char*>(message.data()), message.size()) != 1)
    return base::fail(base::Code::internal, "OpenSSL does not sign");
  return out;
}

}  // namespace telltale::audit
