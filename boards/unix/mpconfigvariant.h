// Upstream's standard variant; the port's folder is on the include path.
#include "variants/standard/mpconfigvariant.h"
