#include "textflag.h"

// The inner loops of a year, four cells at a time. There are 202 cells: what is
// left over is taken as one or two. A sum is never fused with a product.

DATA one<>+0(SB)/8, $1.0
GLOBL one<>(SB), RODATA|NOPTR, $8

// func ageAVX2(p, death, pool, norm *[Cells]float64, out, share *[Cells]float32, mort, w float64)
TEXT ·ageAVX2(SB), NOSPLIT, $0-64
	MOVQ p+0(FP), AX
	MOVQ death+8(FP), BX
	MOVQ pool+16(FP), CX
	MOVQ norm+24(FP), DX
	MOVQ out+32(FP), SI
	MOVQ share+40(FP), DI
	VBROADCASTSD mort+48(FP), Y0
	VBROADCASTSD w+56(FP), Y1
	VBROADCASTSD one<>(SB), Y2

	// Cell 201 alone, then cells 197-200 down to 1-4: each reads the cell before
	// it, which is not written until later.
	MOVQ $201, R8
	VMULSD (BX)(R8*8), X0, X3
	VSUBSD X3, X2, X3
	VMOVSD -8(AX)(R8*8), X4
	VMULSD X3, X4, X3
	VMOVSD X3, (AX)(R8*8)
	VMOVSS (SI)(R8*4), X4
	VCVTSS2SD X4, X4, X4
	VMULSD X4, X3, X4
	VADDSD (CX)(R8*8), X4, X4
	VMOVSD X4, (CX)(R8*8)
	VMOVSS (DI)(R8*4), X5
	VCVTSS2SD X5, X5, X5
	VMULSD X5, X1, X5
	VADDSD (DX)(R8*8), X5, X5
	VMOVSD X5, (DX)(R8*8)
	MOVQ $197, R8

ageloop:
	VMULPD (BX)(R8*8), Y0, Y3
	VSUBPD Y3, Y2, Y3
	VMULPD -8(AX)(R8*8), Y3, Y3
	VCVTPS2PD (SI)(R8*4), Y4
	VCVTPS2PD (DI)(R8*4), Y5
	VMULPD Y4, Y3, Y4
	VMULPD Y5, Y1, Y5
	VADDPD (CX)(R8*8), Y4, Y4
	VADDPD (DX)(R8*8), Y5, Y5
	VMOVUPD Y3, (AX)(R8*8)
	VMOVUPD Y4, (CX)(R8*8)
	VMOVUPD Y5, (DX)(R8*8)
	SUBQ $4, R8
	JGT ageloop
	VZEROUPPER
	RET

// func moveAVX2(p, stay, pool, im *[Cells]float64, out, share *[Cells]float32, w, imm float64, sums *[lanes]float64)
TEXT ·moveAVX2(SB), NOSPLIT, $0-72
	MOVQ p+0(FP), AX
	MOVQ stay+8(FP), BX
	MOVQ pool+16(FP), CX
	MOVQ im+24(FP), DX
	MOVQ out+32(FP), SI
	MOVQ share+40(FP), DI
	VBROADCASTSD w+48(FP), Y0
	VBROADCASTSD imm+56(FP), Y1
	MOVQ sums+64(FP), R9
	VXORPD Y8, Y8, Y8
	VXORPD Y9, Y9, Y9
	XORQ R8, R8

moveloop:
	VCVTPS2PD (SI)(R8*4), Y2
	VMOVUPD (BX)(R8*8), Y3
	VSUBPD Y2, Y3, Y2
	VMULPD (AX)(R8*8), Y2, Y2
	VCVTPS2PD (DI)(R8*4), Y3
	VMULPD Y3, Y0, Y3
	VMULPD (CX)(R8*8), Y3, Y3
	VADDPD Y3, Y2, Y2
	VMULPD (DX)(R8*8), Y1, Y4
	VADDPD Y4, Y2, Y2
	VMOVUPD Y2, (AX)(R8*8)
	VADDPD Y2, Y8, Y8

	VCVTPS2PD 16(SI)(R8*4), Y5
	VMOVUPD 32(BX)(R8*8), Y6
	VSUBPD Y5, Y6, Y5
	VMULPD 32(AX)(R8*8), Y5, Y5
	VCVTPS2PD 16(DI)(R8*4), Y6
	VMULPD Y6, Y0, Y6
	VMULPD 32(CX)(R8*8), Y6, Y6
	VADDPD Y6, Y5, Y5
	VMULPD 32(DX)(R8*8), Y1, Y7
	VADDPD Y7, Y5, Y5
	VMOVUPD Y5, 32(AX)(R8*8)
	VADDPD Y5, Y9, Y9

	ADDQ $8, R8
	CMPQ R8, $200
	JLT moveloop

	// Cells 200 and 201, in the first two lanes.
	VCVTPS2PD (SI)(R8*4), X2
	VMOVUPD (BX)(R8*8), X3
	VSUBPD X2, X3, X2
	VMULPD (AX)(R8*8), X2, X2
	VCVTPS2PD (DI)(R8*4), X3
	VMULPD X3, X0, X3
	VMULPD (CX)(R8*8), X3, X3
	VADDPD X3, X2, X2
	VMULPD (DX)(R8*8), X1, X4
	VADDPD X4, X2, X2
	VMOVUPD X2, (AX)(R8*8)
	VEXTRACTF128 $1, Y8, X5
	VADDPD X2, X8, X8
	VMOVUPD X8, (R9)
	VMOVUPD X5, 16(R9)
	VMOVUPD Y9, 32(R9)
	VZEROUPPER
	RET
