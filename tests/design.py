"""The example with which the design shows the notation."""

RESNET = """\
name: resnet
input: [3, 224, 224]
params: {block: bottleneck, depths: [3, 4, 6, 3], classes: 1000}
blocks:
  conv_bn(out, kernel, stride=1):
    - Conv2d(out, kernel, stride, padding=kernel // 2, bias=False)
    - BatchNorm2d
  bottleneck(width, stride=1, project=False):
    - add:
        body: conv_bn(width, 1) >> ReLU >> conv_bn(width, 3, stride) >> ReLU >> conv_bn(4 * width, 1)
        shortcut: conv_bn(4 * width, 1, stride) if project else Identity
    - ReLU
  stage(width, depth, stride):
    - block(width, stride, project=True) >> (depth - 1) * block(width)
layers:
  - conv1: conv_bn(64, 7, stride=2) >> ReLU
  - maxpool: MaxPool2d(3, 2, padding=1)
  - conv2_x: stage(64, depths[0], 1)
  - conv3_x: stage(128, depths[1], 2)
  - conv4_x: stage(256, depths[2], 2)
  - conv5_x: stage(512, depths[3], 2)
  - AdaptiveAvgPool2d(1) >> Flatten
  - fc: Linear(classes)
"""
